// Plans for tests: those of every shipped scenario, small, and some that no scenario would give.
#pragma once

#include "plan/plan.hpp"
#include "scenario/scenario.hpp"

#include <vector>

namespace wsrace {

std::vector<Scenario> shipped_scenarios();

// With everything that a plan can have: behaviours, extra roles, a connection that is not made, gates,
// constraints and faults of every kind; drawn by the seed. For every_fault_scenario().
Plan generated_plan(std::uint64_t seed);

// A supervised target with two instances, dependencies and an ingress.
Scenario every_fault_scenario();

} // namespace wsrace
