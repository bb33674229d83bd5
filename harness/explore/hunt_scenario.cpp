#include "explore/hunt_scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace wsrace {

namespace {

constexpr int margin = 20; // a busy machine is late by less
constexpr Duration least = std::chrono::seconds{1};

void shorten(ScenarioOverrides& overrides, const char* field, Duration given, Duration seen)
{
    const auto wanted =
        std::max<Duration>(least, std::chrono::ceil<std::chrono::milliseconds>(seen) * margin);
    if (seen > Duration{} && wanted < given)
        overrides.set.emplace_back(
            std::string{"deadlines."} + field,
            fmt::format("{}ms", std::chrono::ceil<std::chrono::milliseconds>(wanted).count()));
}

} // namespace

void EventTimes::add(const std::vector<Latency>& latencies)
{
    for (const auto& latency : latencies) {
        if (latency.id == "first_event") first_event = std::max(first_event, latency.max);
        if (latency.id == "event") event = std::max(event, latency.max);
        if (latency.id == "run") run = std::max(run, latency.max);
    }
}

Scenario with_quick_deadlines(const Scenario& scenario, const EventTimes& seen)
{
    const auto& server = scenario.target.server;
    const bool disturbed = !scenario.dependency_faults.empty() || !scenario.link_faults.empty() ||
                           !scenario.life_cycle.empty() || (server && server->ingress);
    if (disturbed) return scenario;
    const auto& deadlines = scenario.expectations.deadlines;
    ScenarioOverrides overrides;
    shorten(overrides, "first_event", deadlines.first_event, seen.first_event);
    shorten(overrides, "event_gap", deadlines.event_gap, seen.event);
    shorten(overrides, "run", deadlines.run, std::max({seen.run, seen.first_event, seen.event}));
    if (overrides.set.empty()) return scenario;
    auto changed = parse_scenario(scenario.canonical, scenario.file, ".", overrides);
    if (changed.problems.empty()) return std::move(*changed.scenario);
    return scenario; // deadlines that depend on each other in a way that forbids it
}

bool needs_patience(const Plan& plan)
{
    return plan.anchor != Arrival::Anchor::ready || !plan.life_cycle.empty() ||
           !plan.dependency_faults.empty() || !plan.link_faults.empty() || plan.ingress;
}

} // namespace wsrace
