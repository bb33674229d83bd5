// Who waits for whom: the members of starting gates, and constraints between two connections.
#pragma once

#include "plan/plan.hpp"

#include <vector>

namespace wsrace {

// Whether a user belongs to a gate is one draw per user and gate. Groups of fewer than two are left out:
// nobody would wait.
std::vector<PlannedGate> plan_gates(const Scenario& scenario, std::uint64_t seed);

// The gap is one draw per constraint and waiting user.
std::vector<PlannedConstraint> plan_constraints(const Scenario& scenario, std::uint64_t seed);

} // namespace wsrace
