#include "plan/plan_users_reader.hpp"

#include "plan/casting.hpp"
#include "plan/plan_fields.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <tuple>

namespace wsrace {

namespace {

using Point = PlannedDelay::Point;

constexpr std::uint32_t most_users = 1'000'000;
constexpr std::uint16_t most_connections = 64;
constexpr std::size_t enough_mistakes = 100; // in users: what follows is more of the same

Role read_role(const JsonNode& node, std::size_t journeys)
{
    Role role;
    JsonObject object(node, "a role");
    Behaviour behaviour{};
    if (read_enumerator(object, "behaviour", Behaviour::forger, behaviour, "behaviour"))
        role.behaviour = behaviour;
    object.require("connections", "how many each of its users has");
    object.read_integer("connections", role.connections, 1, most_connections);
    const auto span = object.require("journeys", "the first and the last of its journeys, as in [0, 0]");
    object.reject_unknown();
    const auto bounds = span ? span->items("two numbers") : std::vector<JsonNode>{};
    if (bounds.size() != 2) {
        if (span) span->expected("a list of two numbers, the first journey and the last one");
        return role;
    }
    const auto most = static_cast<std::int64_t>(journeys) - 1;
    const auto first = bounds[0].integer(0, most);
    const auto last = bounds[1].integer(0, most);
    if (!first || !last) return role;
    if (*last < *first) {
        span->mistake("the first journey is behind the last one");
        return role;
    }
    role.first_journey = static_cast<std::size_t>(*first);
    role.journeys = static_cast<std::size_t>(*last - *first) + 1;
    return role;
}

// [slot, step, microseconds], or with where inside of a connect it is. Tells nothing about where a mistake is
// unless there is one: there are hundreds of thousands of these.
std::optional<PlannedDelay> read_delay(const JsonNode& list, std::size_t index)
{
    const Json& value = list.value()[index];
    const auto is_number = [&](std::size_t at, std::uint64_t most) {
        return value[at].is_number_unsigned() && value[at].get<std::uint64_t>() <= most;
    };
    const auto right = value.is_array() && (value.size() == 3 || value.size() == 4) && is_number(0, 0xFFFF) &&
                       is_number(1, 0xFFFF) && is_number(2, 1'000'000'000'000);
    const JsonNode node(value, right && value.size() == 3 ? std::string{} : item_path(list.path(), index),
                        list.mistakes());
    if (!right) {
        node.expected("a delay: [connection, step, microseconds], and \"tls\" or \"upgrade_sent\" inside of "
                      "a connect");
        return std::nullopt;
    }
    PlannedDelay delay{.slot = value[0].get<std::uint16_t>(),
                       .step = value[1].get<std::uint16_t>(),
                       .delay = std::chrono::microseconds{value[2].get<std::int64_t>()}};
    if (value.size() == 3) return delay;
    constexpr std::array points{Choice<Point>{"tls", Point::tls},
                                Choice<Point>{"upgrade_sent", Point::upgrade_sent}};
    const JsonNode word(value[3], item_path(node.path(), 3), node.mistakes());
    const auto point = word.choice(points, "place inside of a connect");
    if (!point) return std::nullopt;
    delay.point = *point;
    return delay;
}

// Empty, or why there can be no such delay.
std::string impossible(const PlannedDelay& delay, const PlannedUser& user, const Plan& plan)
{
    const auto connections = plan.role(user).connections;
    if (delay.slot >= connections)
        return fmt::format("the user has no connection {}: {} in all, counted from 0", delay.slot,
                           connections);
    const auto& journey = plan.journey(user, delay.slot);
    if (delay.step > journey.size())
        return fmt::format(
            "the journey of connection {} has no step {}: {} in all, counted from 0; {} stands "
            "for the close at its end",
            delay.slot, delay.step, journey.size(), journey.size());
    const auto inside = delay.point != Point::step;
    if (inside && (delay.step == journey.size() || journey[delay.step].action != Action::connect))
        return fmt::format("step {} is not a connect, which alone has an inside", delay.step);
    return {};
}

void read_delays(const JsonNode& list, const Plan& plan, PlannedUser& user)
{
    if (!list.value().is_array()) return list.expected("a list of delays");
    for (std::size_t i = 0; i < list.value().size(); ++i) {
        const auto delay = read_delay(list, i);
        if (!delay) continue;
        const auto place = [](const PlannedDelay& one) { return std::tuple{one.slot, one.step, one.point}; };
        auto why = impossible(*delay, user, plan);
        if (why.empty() && !user.delays.empty() && place(user.delays.back()) >= place(*delay))
            why = "delays stand in the order of connections and steps, one for each place; sort them";
        if (!why.empty()) list.mistakes().add(item_path(list.path(), i), why);
        user.delays.push_back(*delay);
    }
}

// `others`: by role, whether a journey of it names {other_user}.
PlannedUser read_user(const JsonNode& node, const Deadlines& deadlines, const std::vector<bool>& others,
                      const Plan& plan)
{
    PlannedUser user;
    JsonObject object(node, "a user");
    object.require("user", "its number");
    object.read_integer("user", user.id.value, 0, most_users - 1);
    object.require("arrival_us", "when it arrives");
    if (read_micros(object, "arrival_us", user.arrival) && user.arrival >= deadlines.total)
        object.find("arrival_us")
            ->mistake(fmt::format("the user arrives after the deadline \"total\", {}",
                                  format_duration(deadlines.total)));
    object.require("carrier", "how its token travels");
    read_enumerator(object, "carrier", TokenCarrier::none, user.carrier, "carrier");
    const auto most_role = static_cast<std::int64_t>(plan.roles.size()) - 1;
    object.read_integer("role", user.role, 0, most_role);
    const auto delays = object.require("delays_us", "its delays; [] if it has none");
    if (delays) read_delays(*delays, plan, user);
    std::uint32_t other = 0;
    if (object.read_integer("other_user", other, 0, most_users - 1)) user.other = UserId{other};
    if (others[user.role] && !object.find("other_user"))
        node.mistake("its journey names {other_user}, and the field \"other_user\" is missing");
    object.reject_unknown();
    return user;
}

} // namespace

void read_planned_roles(JsonObject& root, Plan& plan)
{
    const auto list = root.require("roles", "which journeys users walk, the ordinary role first");
    const auto nodes = list ? list->items("roles") : std::vector<JsonNode>{};
    if (list && list->value().is_array() && nodes.empty()) list->mistake("expected at least one role");
    for (const JsonNode& node : nodes) plan.roles.push_back(read_role(node, plan.journeys.size()));
    if (!plan.roles.empty() && plan.roles.front().behaviour)
        nodes.front().mistake("the first role is the ordinary one, which has no behaviour");
    if (!plan.roles.empty()) plan.connections = plan.roles.front().connections;
}

void read_planned_users(JsonObject& root, const Deadlines& deadlines, Plan& plan)
{
    const auto list = root.require("users", "who takes part");
    if (!list) return;
    if (!list->value().is_array() || list->value().empty())
        return list->expected("a list of users, one at least");
    if (list->value().size() > most_users)
        return list->mistake(fmt::format("has more than {} users", most_users));
    std::vector<bool> others;
    for (const auto& role : plan.roles) {
        const auto first = plan.journeys.begin() + static_cast<std::ptrdiff_t>(role.first_journey);
        others.push_back(names_other({first, first + static_cast<std::ptrdiff_t>(role.journeys)}));
    }
    auto& mistakes = list->mistakes();
    const auto before = mistakes.problems().size();
    plan.users.reserve(list->value().size());
    for (std::size_t i = 0; i < list->value().size(); ++i) {
        const JsonNode node(list->value()[i], item_path(list->path(), i), mistakes);
        auto user = read_user(node, deadlines, others, plan);
        if (!plan.users.empty() && user.id <= plan.users.back().id)
            node.mistake(
                fmt::format("user {} comes behind user {}; users stand in the order of their numbers, "
                            "each once",
                            user.id.value, plan.users.back().id.value));
        if (user.other == user.id) node.mistake("\"other_user\" is somebody else");
        plan.users.push_back(std::move(user));
        if (mistakes.problems().size() < before + enough_mistakes) continue;
        list->mistake(
            fmt::format("the users behind number {} were not looked at: there are mistakes enough", i));
        return;
    }
}

} // namespace wsrace
