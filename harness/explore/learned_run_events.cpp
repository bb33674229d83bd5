#include "explore/learned_run_events.hpp"

#include "checks/link_losses.hpp"
#include "checks/runs.hpp"
#include "scenario/run_events_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace wsrace {

namespace {

bool completed(const History& history, const Run& run)
{
    return run.terminal != nowhere && run.stop == nowhere && run.cut == nowhere && run.drops.empty() &&
           history.events[run.terminal].is_frame(FrameType::agent_completed) && !failed(history, run);
}

// The types of the run's events, each once, in the order of their first.
std::vector<FrameType> firsts_of(const History& history, const Run& run)
{
    std::vector<FrameType> types;
    for (const auto position : run.frames) {
        const FrameType type = history.events[position].frame();
        const auto is_one = std::find(five_events.begin(), five_events.end(), type) != five_events.end();
        if (is_one && std::find(types.begin(), types.end(), type) == types.end()) types.push_back(type);
    }
    return types;
}

} // namespace

void LearnedRunEvents::add(const History& recorded)
{
    const auto excused = with_losses_as_drops(recorded);
    const auto& history = excused ? *excused : recorded;
    const auto connections = connections_of(history);
    const RunTable table(history, connections);
    for (const Run& run : table.runs())
        if (completed(history, run)) take(firsts_of(history, run));
}

void LearnedRunEvents::take(const std::vector<FrameType>& firsts)
{
    if (runs_++ == 0) types_ = {firsts.begin(), firsts.end()};
    std::erase_if(types_, [&firsts](FrameType type) {
        return std::find(firsts.begin(), firsts.end(), type) == firsts.end();
    });
    for (const auto& [earlier, later] : pairs_of({firsts})) against_.emplace(later, earlier);
}

RunEvents LearnedRunEvents::result() const
{
    auto events = RunEvents::not_yet_learned();
    if (runs_ == 0) return events;
    events.to_be_learned = false;
    events.learned_from = runs_;
    events.types.clear();
    for (const FrameType type : five_events)
        if (types_.contains(type)) events.types.push_back(type);
    for (const FrameType one : events.types)
        for (const FrameType other : events.types)
            if (one != other && !against_.contains({one, other})) events.order.emplace_back(one, other);
    std::sort(events.order.begin(), events.order.end());
    return events;
}

Scenario with_run_events(const Scenario& scenario, const RunEvents& events)
{
    if (events.to_be_learned) return scenario;
    ScenarioOverrides overrides;
    overrides.set.emplace_back("profile.run_events", run_events_json(events));
    auto changed = parse_scenario(scenario.canonical, scenario.file, ".", overrides);
    if (changed.problems.empty()) return std::move(*changed.scenario);
    throw std::logic_error{
        fmt::format("what was learned of runs cannot be read: {}", to_string(changed.problems.front()))};
}

} // namespace wsrace
