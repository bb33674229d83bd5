// What a run looked like as a whole: how many connections and events when, how connections ended, and what
// state the target was in.
#pragma once

#include "core/history.hpp"
#include "core/verdict.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace wsrace {

// All vectors have the same size: one value for each bucket, the last of which may be cut by the run's end.
struct OverTime {
    Duration bucket{};
    std::vector<std::uint64_t> open; // connections at the bucket's end
    std::vector<std::uint64_t> frames, requests, ends, violations;
};
inline constexpr std::size_t most_buckets = 240;

OverTime over_time(const History& history, const RunVerdict& verdict);

// How many connections, or attempts to open one, ended in the same way; the most frequent first.
struct Ending {
    std::string text; // "1011 by the target", "reset by the target, no close frame"
    std::uint64_t count = 0;
    bool by_target = false; // and not by us: worth a look
};
std::vector<Ending> endings_of(const History& history);  // of connections that had been upgraded
std::vector<Ending> refusals_of(const History& history); // of attempts that were not

// A time in which the target was not just running, or a fault acted: "starting", "paused", "down", "slowed to
// 20 %", "dependency auth: delay". Ordered by begin; at most `most_windows`, the first.
struct TargetWindow {
    Instant from{}, until{}; // until: the end of the run where it did not end before
    std::string text;        // begins with the instance where there are several
    bool fault = false;      // done by the harness
};
inline constexpr std::size_t most_windows = 200;
std::vector<TargetWindow> target_windows(const History& history);

} // namespace wsrace
