// Plays what happens to a supervised target itself: pauses, kills, restarts, slow processors.
#pragma once

#include "run/levels.hpp"

#include <string>

namespace wsrace {

// From its anchor on, until it is over or all naps end; one instance after the other, where it is meant for
// several. Empty, or why the target did not come up again, or that
// it never came to the fault.
Task<std::string> play_fault(Supervisees& shared, const Instances& instances, const LifeCycleFault& fault,
                             Clock::time_point anchor);

} // namespace wsrace
