// The few statistics that verdicts rest on.
#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <vector>

namespace wsrace {

struct Interval {
    double low = 0;
    double high = 1;
};

// Wilson score interval (Wilson 1927) of a rate, two-sided, by default at 95 %. No trials: [0, 1].
Interval wilson_interval(std::uint64_t successes, std::uint64_t trials, double confidence = 0.95);

// The nearest-rank quantile of values in any order (reordered on the way); zero when there are none.
Duration quantile(std::vector<Duration>& values, double q);

} // namespace wsrace
