#include "plan/as_planned.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wsrace {

namespace {

std::string connection_text(const PlannedMoment& place)
{
    return to_string(ConnectionId{place.user, SlotId{place.slot}, 0});
}

std::string title(const PlannedGate& gate, std::size_t /*groups*/)
{
    return fmt::format("gate {} at {}", gate.number, to_string(gate.members.front().moment));
}

std::string title(const PlannedConstraint& one, std::size_t pairs)
{
    if (pairs > 1)
        return fmt::format("constraint {}: {} after {}, {} pairs", one.number, to_string(one.step.moment),
                           to_string(one.after.moment), pairs);
    return fmt::format("constraint {}: {} of {} {} after {} of {}", one.number, to_string(one.step.moment),
                       connection_text(one.step), format_duration(one.gap), to_string(one.after.moment),
                       connection_text(one.after));
}

// By number. One that the plan has nothing of stays as the scenario has it: it is unmet.
template <typename Wait>
void adopt(const std::vector<Wait>& waits, std::vector<Meeting>& meetings)
{
    std::vector<std::size_t> counts;
    for (const auto& wait : waits) {
        counts.resize(std::max(counts.size(), wait.number + std::size_t{1}));
        ++counts[wait.number];
    }
    meetings.resize(counts.size());
    for (const auto& wait : waits)
        meetings[wait.number] = {.text = title(wait, counts[wait.number]), .tolerance = wait.tolerance};
}

} // namespace

Scenario as_planned(Scenario scenario, const Plan& plan)
{
    scenario.users = static_cast<std::uint32_t>(plan.users.size());
    scenario.connections = plan.most_connections();
    scenario.arrival.after = plan.anchor;
    scenario.life_cycle = plan.life_cycle;
    scenario.dependency_faults = plan.dependency_faults;
    scenario.link_faults = plan.link_faults;
    if (scenario.target.server) scenario.target.server->ingress = plan.ingress;
    adopt(plan.gates, scenario.expectations.gates);
    adopt(plan.constraints, scenario.expectations.constraints);
    return scenario;
}

} // namespace wsrace
