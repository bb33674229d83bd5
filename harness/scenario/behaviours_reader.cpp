#include "scenario/behaviours_reader.hpp"

#include "scenario/credential_reader.hpp"
#include "scenario/journey_reader.hpp"
#include "scenario/journey_rules.hpp"
#include "scenario/presets.hpp"
#include "scenario/share_reader.hpp"
#include "scenario/step_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wsrace {
namespace {

const Preset* read_preset(JsonObject& object)
{
    const auto node = object.require("behaviour", "what these users do, as in \"leaver\"");
    std::vector<std::string_view> names;
    for (const Preset& preset : presets()) names.push_back(name(preset.behaviour));
    const auto place = node ? node->place_among(names, "behaviour") : std::nullopt;
    return place ? &presets()[*place] : nullptr;
}

void read_how_many(JsonObject& object, BehaviourSpec& behaviour)
{
    const auto node = object.require("users", "how many of the users, as in \"10%\" or 5");
    if (!node) return;
    if (node->value().is_number())
        behaviour.users = static_cast<std::uint32_t>(node->integer(1, 1'000'000).value_or(0));
    else
        behaviour.share = read_share(*node, "users").value_or(0);
}

// The first thread of the ordinary journeys that each user has for itself.
std::string own_thread(const Scenario& scenario)
{
    for (const auto& journey : scenario.journeys)
        for (const StepSpec& step : journey)
            if (step.thread.find("{user}") != std::string::npos) return step.thread;
    return {};
}

// What these users ask, checked where it stands; nothing after a mistake.
bool read_question(JsonObject& object, PresetContext& context)
{
    const auto request = object.find("request");
    if (!request) return true;
    const auto before = object.node().mistakes().problems().size();
    read_step(object.node(), "request", request);
    context.request = request->value();
    return object.node().mistakes().problems().size() == before;
}

std::vector<PlacedJourney> written_out(const Json& document, const JsonNode& node)
{
    std::vector<PlacedJourney> journeys;
    const JsonNode list(document, node.path(), node.mistakes());
    for (const JsonNode& journey : list.items("journeys")) journeys.push_back(read_journey(journey));
    return journeys;
}

// Equal journeys are kept once: connection k follows journey k mod n.
void keep_journeys(const std::vector<PlacedJourney>& journeys, BehaviourSpec& behaviour)
{
    behaviour.connections = static_cast<std::uint16_t>(journeys.size());
    for (const PlacedJourney& journey : journeys) {
        std::vector<StepSpec> steps;
        for (const PlacedStep& placed : journey.steps) steps.push_back(placed.step);
        behaviour.journeys.push_back(std::move(steps));
    }
    const auto& first = behaviour.journeys.front();
    if (std::all_of(behaviour.journeys.begin(), behaviour.journeys.end(),
                    [&](const auto& journey) { return journey == first; }))
        behaviour.journeys.resize(1);
}

void check_sums(const JsonNode& list, const Scenario& scenario)
{
    double shares = 0;
    std::uint64_t users = 0;
    for (const BehaviourSpec& behaviour : scenario.behaviours) {
        shares += behaviour.share;
        users += behaviour.users;
    }
    if (shares > 1.000001)
        list.mistake(
            fmt::format("the shares add up to {:.0f} %; each user has one behaviour at most", shares * 100));
    if (users > scenario.users)
        list.mistake(fmt::format("{} users with a behaviour, but {} users in all; raise users.count", users,
                                 scenario.users));
}

} // namespace

std::optional<BehaviourSpec> read_behaviour(const JsonNode& node, const Scenario& scenario)
{
    JsonObject object(node, "a behaviour of some users");
    const auto before = node.mistakes().problems().size();
    const Preset* preset = read_preset(object);
    BehaviourSpec behaviour;
    read_how_many(object, behaviour);
    PresetContext context{.thread = own_thread(scenario)};
    const bool asks = read_question(object, context);
    if (preset == nullptr || !asks) return std::nullopt;
    behaviour.kind = preset->behaviour;
    const Json document = preset->journeys(object, context);
    object.reject_unknown();
    if (node.mistakes().problems().size() != before || !document.is_array()) return std::nullopt;
    const auto journeys = written_out(document, node);
    const bool needs_login = scenario.profile.login.kind != LoginKind::none;
    for (const PlacedJourney& journey : journeys) check_journey(journey, needs_login, node.mistakes());
    const auto connections = static_cast<std::uint16_t>(journeys.size());
    check_credentials(journeys, connections, scenario.profile, node.mistakes());
    if (node.mistakes().problems().size() != before) return std::nullopt;
    keep_journeys(journeys, behaviour);
    return behaviour;
}

void read_behaviours(JsonObject& users, Scenario& scenario)
{
    const auto list = users.find("behaviours");
    if (!list) return;
    const auto items = list->items("behaviours");
    if (list->value().is_array() && items.empty()) list->mistake("expected at least one behaviour");
    for (const JsonNode& node : items)
        if (auto behaviour = read_behaviour(node, scenario))
            scenario.behaviours.push_back(std::move(*behaviour));
    check_sums(*list, scenario);
}

} // namespace wsrace
