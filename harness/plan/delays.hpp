// How late each step of a connection is, by the scenario's delay faults and pauses.
#pragma once

#include "plan/plan.hpp"

#include <vector>

namespace wsrace {

enum class Pauses { with, without };

// Ordered by step. One draw for each fault, user and step, one for each pause.
std::vector<PlannedDelay> plan_delays(const Scenario& scenario, const std::vector<StepSpec>& journey,
                                      UserId user, std::uint16_t slot, std::uint64_t seed, Pauses pauses);

} // namespace wsrace
