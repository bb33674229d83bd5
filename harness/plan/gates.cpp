#include "plan/gates.hpp"

#include "core/draw.hpp"
#include "scenario/meetings.hpp"

#include <boost/random/uniform_real_distribution.hpp>

#include <algorithm>

namespace wsrace {

namespace {

constexpr std::size_t ordinary_role = 0;

const std::vector<StepSpec>& journey_of(const Scenario& scenario, std::uint16_t slot)
{
    return scenario.journeys[slot % scenario.journeys.size()];
}

bool belongs(const StartingGate& gate, std::size_t number, std::uint32_t user, std::uint64_t seed)
{
    if (gate.share >= 1.0) return true;
    auto random = random_stream(seed, "gate user", number, user);
    return boost::random::uniform_real_distribution<double>{0.0, 1.0}(random) < gate.share;
}

std::vector<PlannedMoment> members_of(const Scenario& scenario, const std::vector<std::size_t>& cast,
                                      std::size_t number, std::uint64_t seed)
{
    const auto& gate = scenario.gates[number];
    std::vector<PlannedMoment> members;
    for (std::uint32_t user = 0; user < scenario.users; ++user) {
        if (cast[user] != ordinary_role || !belongs(gate, number, user, seed)) continue;
        for (std::uint16_t slot = 0; slot < scenario.connections; ++slot)
            if (const auto step = place_in(journey_of(scenario, slot), gate.at, gate.occurrence))
                members.push_back({.user = UserId{user}, .slot = slot, .step = *step, .moment = gate.at});
    }
    return members;
}

PlannedMoment planned(const Scenario& scenario, const ConstraintEnd& end, std::uint32_t user)
{
    const auto step = place_in(journey_of(scenario, end.connection), end.at, end.occurrence);
    return {.user = UserId{user}, .slot = end.connection, .step = step.value_or(0), .moment = end.at};
}

} // namespace

std::vector<PlannedGate> plan_gates(const Scenario& scenario, const std::vector<std::size_t>& cast,
                                    std::uint64_t seed)
{
    std::vector<PlannedGate> gates;
    for (std::size_t number = 0; number < scenario.gates.size(); ++number) {
        const auto& gate = scenario.gates[number];
        const auto members = members_of(scenario, cast, number, seed);
        const auto size = gate.size == 0 ? std::max<std::size_t>(members.size(), 1) : gate.size;
        for (std::size_t first = 0; first + 1 < members.size(); first += size) {
            const auto last = std::min(members.size(), first + size);
            gates.push_back({.number = static_cast<std::uint16_t>(number),
                             .group = static_cast<std::uint32_t>(first / size),
                             .within = gate.within,
                             .tolerance = gate.tolerance,
                             .members = {members.begin() + static_cast<std::ptrdiff_t>(first),
                                         members.begin() + static_cast<std::ptrdiff_t>(last)}});
        }
    }
    return gates;
}

std::vector<PlannedConstraint> plan_constraints(const Scenario& scenario,
                                                const std::vector<std::size_t>& cast, std::uint64_t seed)
{
    std::vector<PlannedConstraint> constraints;
    for (std::size_t number = 0; number < scenario.constraints.size(); ++number) {
        const auto& constraint = scenario.constraints[number];
        for (const auto& bound : bound_users(constraint, scenario.users)) {
            if (cast[bound.step] != ordinary_role || cast[bound.after] != ordinary_role) continue;
            auto random = random_stream(seed, "constraint gap", number, bound.step);
            constraints.push_back({.number = static_cast<std::uint16_t>(number),
                                   .gap = draw(constraint.gap, random),
                                   .within = constraint.within,
                                   .tolerance = constraint.tolerance,
                                   .step = planned(scenario, constraint.step, bound.step),
                                   .after = planned(scenario, constraint.after, bound.after)});
        }
    }
    return constraints;
}

} // namespace wsrace
