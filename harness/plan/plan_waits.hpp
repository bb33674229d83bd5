// Whether everybody whom a plan lets wait for somebody can ever go on.
#pragma once

#include "plan/plan.hpp"
#include "scenario/wait_circle.hpp"

#include <optional>

namespace wsrace {

// `number` is the place in Plan::gates or Plan::constraints. Every moment must be one of its connection's
// journey.
std::optional<CircularWait> circular_wait(const Plan& plan);

} // namespace wsrace
