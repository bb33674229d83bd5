// Where one outcome turns into another, as a probability distribution: probabilistic bisection (Horstein
// 1963; Waeber, Frazier, Henderson 2013) with two additions that servers need. An answer may be wrong
// whatever the place (an outlier), and the edge is not at the same place in every boot: it jitters, together
// for all probes of the boot. The jitter's scale is not known and is integrated out.
//
// The likelihood of boot b given an edge at x is the integral, over the boot's own edge y ~ N(x, s^2), of the
// product over its probes of (1 - e) where outcome and side of y agree and e where they do not. That product
// is constant between neighbouring probes, so that the integral is a sum of differences of normal
// distribution functions. The prior is uniform over the region and over the scales.
#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <vector>

namespace wsrace {

// What one probe says of an edge.
struct EdgeEvidence {
    Duration at{};
    bool before = false; // it met what is before the edge
    std::uint32_t boot = 0;
};

struct EdgePosterior {
    Duration median{};
    Duration low{}; // 95 % credible interval
    Duration high{};
    Duration jitter{};            // standard deviation; the geometric mean of its posterior
    std::vector<Duration> places; // grid, ascending
    std::vector<double> weights;  // sum to 1

    Duration quantile(double q) const;
};

// The region must be longer than nothing. Without evidence the result is the prior.
EdgePosterior locate_edge(const std::vector<EdgeEvidence>& evidence, Duration region_from,
                          Duration region_until);

} // namespace wsrace
