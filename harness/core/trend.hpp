// How a scenario fared from execution to execution. Shapes only: run_store/ fills them, reports/ write them.
#pragma once

#include "core/statistics.hpp"
#include "core/verdict.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wsrace {

// One execution, as a trend names it.
struct TrendRun {
    std::string run, started, version, label;
    Verdict verdict = Verdict::inconclusive;
    bool counts = false; // passed or failed, and neither void nor interrupted
};

struct Rate {
    std::uint64_t failed = 0, trials = 0;
    Interval interval; // Wilson's, 95 %
};

// A level lasts from one change point to the next.
struct TrendChange {
    std::size_t at = 0;           // position in Trend::runs: the first execution of the new level
    double before = 0, after = 0; // the level: a mean of 0/1 series, else a median
    double p = 1;
};

struct TrendSeries {
    std::string id;                            // "event p50", "executions that failed", a signature
    std::string unit;                          // "ns" or "rate"
    std::vector<std::optional<double>> values; // one for each of Trend::runs
    std::vector<TrendChange> changes;
};

struct SignatureTrend {
    TrendSeries series; // 1: the execution met it
    Rate rate;
    std::size_t first = 0, last = 0; // positions in Trend::runs of the first and the last that met it
    std::string detail;              // of the last: one violation's own signature
};

struct Trend {
    std::string scenario;
    std::uint64_t stored = 0;                          // in the file, of this scenario
    std::vector<TrendRun> runs;                        // those looked at, the oldest first
    Rate failures;                                     // the flake rate: of the executions that count
    Rate failures_since;                               // the same since the last change point of `verdicts`
    std::uint64_t replayed_plans = 0, flaky_plans = 0; // plans played more than once on one label and
                                                       // version; those of them that both passed and failed
    std::uint64_t digests = 0;                         // different contents of the scenario
    TrendSeries verdicts;                              // 1: failed
    std::vector<TrendSeries> latencies;                // the median and the 99th percentile of each
    std::vector<SignatureTrend> signatures;            // the most frequent first
};

} // namespace wsrace
