#include "plan/strategies/parts.hpp"
#include "plan/strategies/step_pairs.hpp"
#include "scenario/behaviours_reader.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace wsrace {

namespace {

// Short ones: an execution is to take no longer for them.
constexpr std::array settings{
    R"({"behaviour": "leaver", "at": "first_event", "by": "reset"})",
    R"({"behaviour": "leaver", "at": "request", "by": "fin"})",
    R"({"behaviour": "leaver", "at": "first_event", "by": "close"})",
    R"({"behaviour": "leaver", "at": "connect", "by": "reset"})",
    R"({"behaviour": "aborter", "at": "upgrade_sent", "by": "reset"})",
    R"({"behaviour": "aborter", "at": "answered", "by": "fin"})",
    R"({"behaviour": "aborter", "at": "upgrade_part", "by": "reset"})",
    R"({"behaviour": "double_connector", "for": "50ms"})",
    R"({"behaviour": "instant_reconnector", "times": 1})",
    R"({"behaviour": "instant_reconnector", "times": 1, "by": "fin"})",
    R"({"behaviour": "early_sender"})",
    R"({"behaviour": "slow_reader", "for": "150ms", "times": 2})",
    R"({"behaviour": "tab_closer", "after": "5ms", "by": "close"})",
    R"({"behaviour": "tab_closer", "after": "5ms", "by": "reset"})",
    R"({"behaviour": "silent_witness", "for": "200ms"})",
    R"({"behaviour": "token_sharer", "connections": 2, "times": 2})",
    R"({"behaviour": "ticket_racer", "connections": 3, "times": 1})",
    R"({"behaviour": "thread_squatter"})",
    R"({"behaviour": "forger", "tokens": ["missing", "malformed", "wrong_key", "alg_none"]})",
};

Json question(const Scenario& scenario)
{
    for (const auto& journey : scenario.journeys)
        for (const StepSpec& step : journey) {
            if (step.action != Action::request || step.thread.find("{other_user}") != std::string::npos)
                continue;
            Json json{{"text", step.text}};
            if (!step.thread.empty()) json["thread"] = step.thread;
            if (!step.message.empty()) json["message"] = step.message;
            if (!step.settings.empty()) json["settings"] = Json::parse(step.settings);
            return json;
        }
    return {{"text", "hello {canary}"}};
}

// Those of the presets that the scenario's profile and journeys allow. On a link with faults what had been
// sent when a connection was cut may be lost on the way: nobody comes back for it.
std::vector<BehaviourSpec> possible(const Scenario& scenario)
{
    std::vector<BehaviourSpec> out;
    for (const auto* const text : settings) {
        auto document = Json::parse(text);
        document["users"] = 1;
        const auto reconnects = document["behaviour"] == "instant_reconnector";
        if (reconnects && !scenario.link_faults.empty()) continue;
        const auto witness = document["behaviour"] == "silent_witness";
        if (!witness) document["request"] = question(scenario);
        std::vector<Problem> problems;
        Mistakes mistakes("", problems);
        auto behaviour = read_behaviour(JsonNode(document, "$", mistakes), scenario);
        if (behaviour && problems.empty()) out.push_back(std::move(*behaviour));
    }
    return out;
}

// What the user does on purpose: where it ends a connection, comes back or asks out of turn.
bool is_signature(const StepPoint& point)
{
    return point.type == "drop" || point.type == "close" || point.type == "request" ||
           point.type.ends_with(" again") || point.type == "upgrade_sent";
}

std::vector<PlannedMoment> places_of(const Draft& draft, std::size_t user, bool held, bool signature)
{
    std::vector<PlannedMoment> out;
    for (const auto& connection : draft.connections_of(user)) {
        const auto& planned = draft.plan().users[user];
        const auto points =
            held ? held_points(draft.plan(), planned, connection.slot)
                 : observed_points(draft.plan(), planned, connection.slot, draft.fewest_events());
        for (const auto& point : points)
            if (!signature || is_signature(point)) out.push_back(point.place);
    }
    return out;
}

} // namespace

std::string no_behaviours(const Scenario& scenario)
{
    return possible(scenario).empty() ? "no behaviour fits the scenario's profile" : "";
}

std::optional<std::size_t> add_behaviour(Draft& draft)
{
    const auto all = possible(draft.scenario());
    if (all.empty()) return std::nullopt;
    const auto actor = draft.pick("who behaves", draft.plan().users.size());
    const auto& behaviour = all[draft.pick("behaviour", all.size())];
    draft.give_role(actor, behaviour.kind, behaviour.connections, behaviour.journeys);
    return actor;
}

void collide_with(Draft& draft, std::size_t actor)
{
    constexpr std::uint64_t tries = 8;
    const auto users = draft.plan().users.size();
    const auto other = (actor + 1 + draft.pick("who collides", users - 1)) % users;
    for (std::uint64_t attempt = 0; attempt < tries; ++attempt) {
        const auto actor_waits = draft.decides("behaviour waits", 0.4, attempt);
        const auto waiting = places_of(draft, actor_waits ? actor : other, true, actor_waits);
        const auto awaited = places_of(draft, actor_waits ? other : actor, false, !actor_waits);
        if (waiting.empty() || awaited.empty()) continue;
        const auto& step = waiting[draft.pick("behaviour step", waiting.size(), attempt)];
        const auto& after = awaited[draft.pick("behaviour awaited", awaited.size(), attempt)];
        if (draft.bind(step, after, draw_gap(draft, attempt))) return;
    }
}

} // namespace wsrace
