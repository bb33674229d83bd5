// The serial baseline: the same users with the same journeys, one user at a time.
#pragma once

#include "plan/plan.hpp"

namespace wsrace {

// Nobody begins before all connections of the user before have ended; there is no other meeting. What fails
// here needs no race: it is an error of the application (exploration.md, "Hunt"). Delays, and faults of what
// surrounds the target, stay.
Plan serial(Plan plan);

} // namespace wsrace
