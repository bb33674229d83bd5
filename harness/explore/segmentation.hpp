// Probes in the order of their offsets, cut into stretches of one outcome each: the cheapest explanation,
// where each probe that differs from its stretch costs its surprise, and each change of outcome a fixed
// price (the Potts functional, solved exactly by dynamic programming as by Viterbi 1967). The price is what
// keeps outliers from becoming stretches.
#pragma once

#include "explore/probe.hpp"

#include <cstddef>
#include <vector>

namespace wsrace {

struct Segment {
    ArrivalOutcome outcome = ArrivalOutcome::good;
    std::size_t first = 0; // positions in the probes, both included
    std::size_t last = 0;
};

// `probes` must be sorted by `at`. Neighbouring segments differ; together they hold all probes.
std::vector<Segment> segment(const std::vector<Probe>& probes);

} // namespace wsrace
