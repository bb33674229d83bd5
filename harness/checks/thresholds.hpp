// Service levels: rates and percentiles with a warning and a critical limit.
//
// A rate of failures is judged by its Wilson interval [low, high] at 95 %:
// - low above a limit: the limit is certainly broken, the level is critical, or warning;
// - high at most the lowest limit: pass. Also pass: no failure at all, and high below the critical limit, since the warning limit alone would
//   need several hundred flawless samples;
// - otherwise there are too few samples to tell: inconclusive. Twenty flawless connections show failures of 0 to 16 % and prove nothing.
// A percentile is such a rate, too: p95 is at or above its limit when more than 5 % of the samples are.
//
// events_missing is a count over the length of the run, isolation allows none: neither has an interval.
//
// A critical metric fails the run, a warning does not. An inconclusive metric says so and changes nothing, unless the scenario asks for it by
// naming the check "thresholds" as required.
#pragma once

#include "checks/judge.hpp"

#include <vector>

namespace wsrace {

// connection_success, event_latency, events_missing, golden_path, isolation. `results` are those of all checks, complete.
std::vector<Metric> metrics(const CheckInput& input, const std::vector<CheckResult>& results);

// The check "thresholds": fails when a metric is critical.
CheckResult judge_thresholds(const Expectations& expectations, const History& history,
                             const std::vector<Metric>& metrics);

// The level of `failures` among `trials`, as above. Public for its tests.
Level level_of_rate(std::uint64_t failures, std::uint64_t trials, const Limits& limits);

} // namespace wsrace
