#include "explore/latency_baseline.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace wsrace {

namespace {

constexpr double per_decade = 10;
constexpr double smallest_ns = 1e3;

std::size_t bucket_of(Duration took)
{
    const auto ns = std::max(static_cast<double>(took.count()), smallest_ns);
    const auto place = std::floor(std::log10(ns / smallest_ns) * per_decade);
    return std::min(static_cast<std::size_t>(place), LatencyBaseline::buckets - 1);
}

Duration upper_bound_of(std::size_t bucket)
{
    const auto decades = static_cast<double>(bucket + 1) / per_decade;
    return Duration{static_cast<std::int64_t>(smallest_ns * std::pow(10.0, decades))};
}

} // namespace

void LatencyBaseline::add(Duration took)
{
    ++counts_[bucket_of(took)];
    ++count_;
}

std::optional<Duration> LatencyBaseline::quantile(double q, std::uint64_t fewest) const
{
    if (count_ < std::max<std::uint64_t>(fewest, 1)) return std::nullopt;
    const auto rank = std::max(std::ceil(q * static_cast<double>(count_)), 1.0);
    std::uint64_t below = 0;
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
        below += counts_[bucket];
        if (static_cast<double>(below) >= rank) return upper_bound_of(bucket);
    }
    return upper_bound_of(buckets - 1);
}

LatencyBaseline LatencyBaseline::from(const Counts& counts)
{
    LatencyBaseline baseline;
    baseline.counts_ = counts;
    baseline.count_ = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    return baseline;
}

} // namespace wsrace
