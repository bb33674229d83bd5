// When each user arrives.
#pragma once

#include "scenario/scenario.hpp"

#include <cstdint>
#include <vector>

namespace wsrace {

// Offsets from the anchor for users 0 .. count-1, in that order, not decreasing. All at once: zeros. Ramp:
// even over `over`. Constant: user i at i / rate. Poisson: exponential gaps, an open model: nobody waits for
// anybody.
std::vector<Duration> arrivals(const Arrival& arrival, std::uint32_t count, std::uint64_t seed);

} // namespace wsrace
