// How long something took in earlier executions: a histogram with ten buckets per decade from 1 us to 1000 s,
// which tells quantiles to within a quarter of their value, and can be stored.
#pragma once

#include "core/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace wsrace {

class LatencyBaseline {
public:
    static constexpr std::size_t buckets = 91; // the last one holds all from 1000 s on
    using Counts = std::array<std::uint64_t, buckets>;

    void add(Duration took);
    std::uint64_t count() const { return count_; }

    // The upper bound of the bucket with the nearest-rank quantile. None: fewer than `fewest` were added.
    std::optional<Duration> quantile(double q, std::uint64_t fewest) const;

    const Counts& counts() const { return counts_; }
    static LatencyBaseline from(const Counts& counts);

private:
    Counts counts_{};
    std::uint64_t count_ = 0;
};

} // namespace wsrace
