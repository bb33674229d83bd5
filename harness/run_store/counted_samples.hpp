// Latency samples as values with how often each occurred: exact, or in the buckets that are stored.
//
// Buckets are log-linear, as those of HdrHistogram (Tene 2012): below 64 ns one for each nanosecond, above it
// 64 for each power of two, so that a value is known to within 1/64 (1.6 %) of itself. There are at most
// 3,712 of them, whatever a run has lasted.
#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

struct CountedValue {
    Duration value{};
    std::uint64_t count = 0; // at least 1
    bool operator==(const CountedValue&) const = default;
};

// Ascending, each value once.
using CountedSamples = std::vector<CountedValue>;

CountedSamples counted(std::vector<Duration> samples);
CountedSamples merged(std::span<const CountedSamples> several);
std::uint64_t total(const CountedSamples& samples);

// Each value replaced by the lower bound of its bucket; negative ones (clocks of a frame and its request that
// disagree) become zero. Doing it twice changes nothing more.
CountedSamples bucketed(const CountedSamples& samples);

// The nearest-rank quantile; zero when there are none.
Duration quantile(const CountedSamples& samples, double q);

// The samples' buckets as bytes, some two for each bucket that is not empty, and the way back. Nothing: these
// bytes are none that encode() gives.
std::string encode(const CountedSamples& samples);
std::optional<CountedSamples> decode(std::string_view bytes);

} // namespace wsrace
