// What a supervised target used during a run, out of its samples.
#pragma once

#include "core/history.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace wsrace {

struct TargetUsage {
    std::uint16_t instance = 0;
    Duration cpu{};               // over all its starts
    std::uint64_t memory_kib = 0; // resident, the most that was seen
    std::uint32_t threads = 0;    // likewise
};

// By instance; empty where nothing was sampled.
std::vector<TargetUsage> target_usage(const History& history);

// "cpu 310 ms, memory up to 14.2 MiB, up to 3 threads".
std::string usage_text(const TargetUsage& usage);

} // namespace wsrace
