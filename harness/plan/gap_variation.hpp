// The same plan with other gaps nearby.
#pragma once

#include "plan/plan.hpp"

namespace wsrace {

// Whether there are gaps to be moved: that a single user arrives later changes nothing.
bool can_vary_gaps(const Plan& plan);

// Each gap (plan/elements.hpp) is moved with even odds, up or down, by a log-uniform time of 50 us to 50 ms,
// not below zero. A window that was made narrower may not be where a replay meets the server, but is near it.
// Pure: the same plan, seed and number give the same gaps.
Plan with_other_gaps(Plan plan, std::uint64_t seed, std::uint64_t number);

} // namespace wsrace
