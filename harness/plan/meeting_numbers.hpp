// Gates and constraints of a plan that was put together or cut down.
#pragma once

#include "plan/plan.hpp"

namespace wsrace {

// Takes out groups of fewer than two, and numbers gates and constraints from 0 without gaps, in the order of
// the numbers they had.
void tidy_meetings(Plan& plan);

} // namespace wsrace
