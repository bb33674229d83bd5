#include "scenario/meeting_order.hpp"

#include "scenario/meetings.hpp"

namespace wsrace {
namespace {

WaitPlace place_of(const Scenario& scenario, const ConstraintEnd& end, std::uint32_t user)
{
    const auto& journey = scenario.journeys[end.connection % scenario.journeys.size()];
    const auto step = place_in(journey, end.at, end.occurrence).value_or(0);
    return {user, end.connection, wait_rank(journey, end.at, step)};
}

void add_gate(const Scenario& scenario, std::size_t number, Waits& waits)
{
    const auto& gate = scenario.gates[number];
    const auto size = gate.share < 1.0 ? 0 : gate.size; // else the groups depend on the seed
    std::size_t members = 0;
    for (std::uint32_t user = 0; user < scenario.users; ++user)
        for (std::uint16_t slot = 0; slot < scenario.connections; ++slot) {
            const auto& journey = scenario.journeys[slot % scenario.journeys.size()];
            const auto step = place_in(journey, gate.at, gate.occurrence);
            if (!step) continue;
            const auto first_of_group = size == 0 ? members == 0 : members % size == 0;
            if (first_of_group) waits.groups.push_back({.number = number, .members = {}});
            waits.groups.back().members.push_back({user, slot, wait_rank(journey, gate.at, *step)});
            ++members;
        }
}

} // namespace

std::optional<CircularWait> circular_wait(const Scenario& scenario)
{
    Waits waits;
    for (std::size_t number = 0; number < scenario.constraints.size(); ++number) {
        const auto& constraint = scenario.constraints[number];
        for (const auto& bound : bound_users(constraint, scenario.users))
            waits.constraints.push_back({.number = number,
                                         .step = place_of(scenario, constraint.step, bound.step),
                                         .after = place_of(scenario, constraint.after, bound.after)});
    }
    for (std::size_t number = 0; number < scenario.gates.size(); ++number) add_gate(scenario, number, waits);
    return circular_wait(waits);
}

} // namespace wsrace
