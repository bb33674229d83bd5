// The parts of a range of which nothing is known, because nobody arrived there.
#pragma once

#include "core/time.hpp"

#include <vector>

namespace wsrace {

struct Hole {
    Duration from{};
    Duration until{};
};

// Between neighbouring arrivals, and between the range's ends and the arrival next to them, wherever that is
// more than `largest`. Ascending. `arrivals` must be ascending, and lie in the range.
std::vector<Hole> holes(const std::vector<Duration>& arrivals, Duration from, Duration until,
                        Duration largest);

} // namespace wsrace
