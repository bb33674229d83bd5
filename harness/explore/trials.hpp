// How often a plan failed: its executions that were not void, and how many of them failed.
#pragma once

#include "core/statistics.hpp"

#include <cstdint>

namespace wsrace {

// What one execution of a plan showed. Void: the harness missed its own schedule, nothing was learned.
enum class Played : std::uint8_t { passed, failed, voided };

struct Trials {
    std::uint64_t failed = 0;
    std::uint64_t played = 0; // void ones are not counted

    std::uint64_t passed() const { return played - failed; }
    double rate() const
    {
        return played == 0 ? 0 : static_cast<double>(failed) / static_cast<double>(played);
    }
    Interval interval(double confidence = 0.95) const
    {
        return wilson_interval(failed, played, confidence); // Wilson 1927
    }
    void add(bool failure)
    {
        ++played;
        failed += failure ? 1 : 0;
    }
    bool operator==(const Trials&) const = default;
};

} // namespace wsrace
