// The trend of a scenario out of its stored executions. Pure.
#pragma once

#include "core/trend.hpp"
#include "run_store/run_record.hpp"

#include <cstdint>
#include <vector>

namespace wsrace {

// Of executions of one scenario, the oldest first; never empty. Change points are searched for in the
// verdicts, in the median and the 99th percentile of each latency, and in each signature; in a scenario
// without any change the probability of finding one at all is at most `alpha`.
Trend trend_of(const std::vector<RunRecord>& records, std::uint64_t stored, double alpha = 0.01);

} // namespace wsrace
