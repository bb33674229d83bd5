// Who waits for whom: the members of starting gates, and constraints between two connections.
#pragma once

#include "plan/plan.hpp"

#include <vector>

namespace wsrace {

// Whether a user belongs to a gate is one draw per user and gate. Groups of fewer than two are left out:
// nobody would wait. `cast` has each user's role: those with a behaviour go their own ways, and meet nobody.
std::vector<PlannedGate> plan_gates(const Scenario& scenario, const std::vector<std::size_t>& cast,
                                    std::uint64_t seed);

// The gap is one draw per constraint and waiting user.
std::vector<PlannedConstraint> plan_constraints(const Scenario& scenario,
                                                const std::vector<std::size_t>& cast, std::uint64_t seed);

} // namespace wsrace
