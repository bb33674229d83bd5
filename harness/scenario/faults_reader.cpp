#include "scenario/faults_reader.hpp"

#include "scenario/dependency_reader.hpp"
#include "scenario/distribution_reader.hpp"
#include "scenario/life_cycle_reader.hpp"
#include "scenario/link_reader.hpp"
#include "scenario/share_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wsrace {
namespace {

constexpr std::array delayable{Action::login,        Action::connect,      Action::await_welcome,
                               Action::request,      Action::ping,         Action::await_first_event,
                               Action::await_events, Action::stop,         Action::drop,
                               Action::close,        Action::stop_reading, Action::read_slowly,
                               Action::pong};
// Within connect.
constexpr std::array<std::string_view, 2> inner_steps{"tls", "upgrade_sent"};

using Journeys = std::vector<std::vector<StepSpec>>;

template <typename Holds>
bool some_step(const Journeys& journeys, Holds&& holds)
{
    return std::any_of(journeys.begin(), journeys.end(), [&](const auto& journey) {
        return std::any_of(journey.begin(), journey.end(), holds);
    });
}

void check_step(const JsonNode& at, const Journeys& journeys)
{
    std::vector<std::string_view> names;
    for (const Action action : delayable) names.push_back(name(action));
    names.insert(names.end(), inner_steps.begin(), inner_steps.end());
    const auto place = at.place_among(names, "step");
    if (!place) return;
    const Action action = *place < delayable.size() ? delayable[*place] : Action::connect;
    if (!some_step(journeys, [&](const StepSpec& step) { return step.action == action; }))
        at.mistake(fmt::format("no journey has the step \"{}\", so that this fault would never happen",
                               name(action)));
}

// {"event": 2}: what follows {"await_event": 2}.
void read_event(const JsonNode& at, const Journeys& journeys, bool judge_steps, DelayFault& fault)
{
    JsonObject object(at, "the event after which it is delayed");
    object.require("event", "its number, from 1");
    const bool known = object.read_integer("event", fault.event, 1, 1000);
    object.reject_unknown();
    fault.at = name(Action::await_event);
    const auto awaits_it = [&](const StepSpec& step) {
        return step.action == Action::await_event && step.events == fault.event;
    };
    if (known && judge_steps && !some_step(journeys, awaits_it))
        at.mistake(
            fmt::format("no journey has the step {{\"await_event\": {}}}, so that this fault would never "
                        "happen; add it where the event is due",
                        fault.event));
}

void read_place(const JsonNode& at, const Journeys& journeys, bool judge_steps, DelayFault& fault)
{
    if (at.is_object()) return read_event(at, journeys, judge_steps, fault);
    const auto word = at.word();
    if (!word) return;
    fault.at = *word;
    if (judge_steps) check_step(at, journeys);
}

DelayFault read_fault(const JsonNode& node, const Journeys& journeys, bool judge_steps)
{
    DelayFault fault;
    JsonObject object(node, "a fault");
    const auto at = object.require("at", "the step that is delayed, as in \"connect\"");
    if (at) read_place(*at, journeys, judge_steps, fault);
    const auto delay =
        object.require("delay", "how long, as in \"20ms\" or {\"uniform\": [\"1ms\", \"9ms\"]}");
    if (const auto value = delay ? read_distribution(*delay) : std::nullopt) fault.delay = *value;
    const auto users = object.find("users");
    if (const auto share = users ? read_share(*users, "users") : std::nullopt) fault.share = *share;
    object.reject_unknown();
    return fault;
}

// Those of users with a behaviour, too.
std::vector<std::vector<StepSpec>> all_journeys(const Scenario& scenario)
{
    auto journeys = scenario.journeys;
    for (const BehaviourSpec& behaviour : scenario.behaviours)
        journeys.insert(journeys.end(), behaviour.journeys.begin(), behaviour.journeys.end());
    return journeys;
}

} // namespace

void read_faults(JsonObject& root, bool judge_steps, Scenario& scenario)
{
    const auto list = root.find("faults");
    if (!list) return;
    const LinkPlace place{
        .has_users = true, .plain_text = !scenario.target.url.starts_with("wss:"), .users = scenario.users};
    for (const JsonNode& node : list->items("faults")) {
        const auto has = [&node](const char* field) { return node.is_object() && node.has(field); };
        if (has("server"))
            scenario.life_cycle.push_back(read_life_cycle_fault(node, scenario.target));
        else if (is_link_fault(node))
            scenario.link_faults.push_back(read_link_fault(node, place));
        else if (!is_dependency_fault(node))
            scenario.delays.push_back(read_fault(node, all_journeys(scenario), judge_steps));
    }
}

} // namespace wsrace
