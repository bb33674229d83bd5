// Draws from a scenario's distributions, in whole microseconds so that what was drawn prints and compares
// exactly.
#pragma once

#include "core/random.hpp"
#include "core/step_spec.hpp"

namespace wsrace {

Duration draw(const Distribution& distribution, RandomEngine& random);

// Log-uniform between low and high: every factor is equally likely, as for gaps of unknown scale
// (exploration.md). A lower bound below one microsecond counts as one.
Duration draw_log_uniform(Duration low, Duration high, RandomEngine& random);

} // namespace wsrace
