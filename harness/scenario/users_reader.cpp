#include "scenario/users_reader.hpp"

#include "scenario/behaviours_reader.hpp"
#include "scenario/life_cycle_reader.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace wsrace {
namespace {

using Pattern = Arrival::Pattern;
using Anchor = Arrival::Anchor;

constexpr std::array carriers{TokenCarrier::authorization, TokenCarrier::subprotocol, TokenCarrier::query,
                              TokenCarrier::ticket, TokenCarrier::none};
constexpr std::array patterns{
    Choice<Pattern>{"all_at_once", Pattern::all_at_once},
    Choice<Pattern>{"burst", Pattern::all_at_once},
    Choice<Pattern>{"ramp", Pattern::ramp},
    Choice<Pattern>{"poisson", Pattern::poisson},
    Choice<Pattern>{"constant", Pattern::constant},
};

// What the pattern needs must be there, and nothing that it does not look at.
void check_pattern(const JsonObject& object, const Arrival& arrival, bool has_over, bool has_rate)
{
    const bool wants_over = arrival.pattern == Pattern::ramp;
    const bool wants_rate = arrival.pattern == Pattern::poisson || arrival.pattern == Pattern::constant;
    const JsonNode& node = object.node();
    if (wants_over && !has_over)
        node.mistake("a ramp needs \"over\": the time in which all users arrive, as in \"10s\"");
    if (wants_rate && !has_rate) node.mistake("this pattern needs \"rate\": users per second, as in 20");
    if (!wants_over && has_over)
        node.mistake("\"over\" is for the pattern \"ramp\"; this pattern does not look at it");
    if (!wants_rate && has_rate)
        node.mistake(
            "\"rate\" is for the patterns \"poisson\" and \"constant\"; this pattern does not look at it");
}

Arrival read_arrival(const JsonNode& node, const TargetSpec& target)
{
    Arrival arrival;
    JsonObject object(node, "the arrival of users");
    const bool known =
        object.read_choice("pattern", arrival.pattern, patterns, "pattern") || !object.find("pattern");
    object.read_duration("over", arrival.over);
    const auto rate = object.find("rate");
    if (const auto value = rate ? rate->number(0.001, 100'000) : std::nullopt) arrival.rate = *value;
    const auto after = object.find("after");
    read_anchor(object, arrival.after);
    object.reject_unknown();
    if (object.valid() && known)
        check_pattern(object, arrival, object.find("over").has_value(), rate.has_value());
    if (after && arrival.after != Anchor::ready && !target.url.empty())
        after->mistake("the harness does not start this target, it only knows its URL; use \"server.ready\"");
    return arrival;
}

std::vector<TokenCarrier> read_carriers(JsonObject& users, const Profile& profile)
{
    const auto one = users.find("carrier");
    const auto several = users.find("carriers");
    if (one && several) users.node().mistake("\"carrier\" and \"carriers\" exclude each other; keep one");
    std::vector<JsonNode> named;
    if (several) {
        named = several->items("carriers");
        if (several->is_list() && named.empty()) several->mistake("expected at least one carrier");
    } else if (one) {
        named.push_back(*one);
    }
    std::vector<TokenCarrier> result;
    for (const JsonNode& node : named) {
        const auto carrier = read_carrier(node);
        if (!carrier) continue;
        if (profile.login.kind == LoginKind::none && *carrier != TokenCarrier::none)
            node.mistake(fmt::format(
                "the profile \"{}\" has no login, so that there is no token to carry; use \"none\"",
                profile.name));
        result.push_back(*carrier);
    }
    if (result.empty()) result.push_back(profile.carrier);
    return result;
}

void read_connections(JsonObject& users, Scenario& scenario)
{
    const std::size_t journeys = std::max<std::size_t>(1, scenario.journeys.size());
    scenario.connections = static_cast<std::uint16_t>(std::min<std::size_t>(journeys, 64));
    users.read_integer("connections", scenario.connections, 1, 64);
    if (journeys > scenario.connections)
        users.node().mistake(
            fmt::format("{} connections per user, but {} journeys: the last ones are never walked",
                        scenario.connections, journeys));
}

} // namespace

std::optional<TokenCarrier> read_carrier(const JsonNode& node)
{
    std::vector<std::string_view> names;
    for (const TokenCarrier carrier : carriers) names.push_back(name(carrier));
    const auto place = node.place_among(names, "token carrier");
    if (!place) return std::nullopt;
    return carriers[*place];
}

void read_users(JsonObject& root, Scenario& scenario)
{
    const Json nothing = Json::object();
    const auto given = root.find("users");
    const JsonNode node =
        given.value_or(JsonNode(nothing, member_path(root.node().path(), "users"), root.node().mistakes()));
    JsonObject users(node, "the users");
    users.read_integer("count", scenario.users, 1, 1'000'000);
    read_connections(users, scenario);
    if (const auto arrival = users.find("arrival"))
        scenario.arrival = read_arrival(*arrival, scenario.target);
    scenario.carriers = read_carriers(users, scenario.profile);
    users.read_bool("retry_refused", scenario.retry_refused);
    read_behaviours(users, scenario);
    users.reject_unknown();
}

} // namespace wsrace
