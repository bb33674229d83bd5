#include "run_store/counted_samples.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace wsrace {

namespace {

constexpr unsigned precision = 6; // 2^6 buckets for each power of two
constexpr std::uint64_t linear = std::uint64_t{1} << precision;
constexpr std::uint64_t buckets = linear * (64 - precision);

std::uint64_t bucket_of(Duration value)
{
    const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(value.count(), 0));
    if (ns < linear) return ns;
    const auto shift = static_cast<unsigned>(std::bit_width(ns)) - precision - 1;
    return linear * shift + (ns >> shift); // ns >> shift is in [linear, 2 * linear)
}

Duration lower_bound_of(std::uint64_t bucket)
{
    if (bucket < 2 * linear) return Duration{static_cast<std::int64_t>(bucket)};
    const auto shift = bucket / linear - 1;
    return Duration{static_cast<std::int64_t>((bucket % linear + linear) << shift)};
}

// LEB128: seven bits a byte, the lowest first.
void append(std::string& bytes, std::uint64_t number)
{
    for (; number >= 0x80; number >>= 7) bytes += static_cast<char>(number | 0x80);
    bytes += static_cast<char>(number);
}

std::optional<std::uint64_t> take(std::string_view& bytes)
{
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 63 && !bytes.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        number |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
        if (byte < 0x80) return number;
    }
    return std::nullopt;
}

// Neighbours of the same value become one.
CountedSamples folded(const CountedSamples& ascending)
{
    CountedSamples out;
    for (const auto& [value, count] : ascending) {
        if (out.empty() || out.back().value != value)
            out.push_back({value, count});
        else
            out.back().count += count;
    }
    return out;
}

} // namespace

CountedSamples counted(std::vector<Duration> samples)
{
    std::sort(samples.begin(), samples.end());
    CountedSamples out;
    for (const auto value : samples) {
        if (out.empty() || out.back().value != value) out.push_back({value, 0});
        ++out.back().count;
    }
    return out;
}

CountedSamples merged(std::span<const CountedSamples> several)
{
    CountedSamples all;
    for (const auto& samples : several) all.insert(all.end(), samples.begin(), samples.end());
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
    return folded(all);
}

std::uint64_t total(const CountedSamples& samples)
{
    std::uint64_t sum = 0;
    for (const auto& each : samples) sum += each.count;
    return sum;
}

CountedSamples bucketed(const CountedSamples& samples)
{
    auto out = samples;
    for (auto& each : out) each.value = lower_bound_of(bucket_of(each.value));
    return folded(out);
}

Duration quantile(const CountedSamples& samples, double q)
{
    const auto rank = std::max(std::ceil(q * static_cast<double>(total(samples))), 1.0);
    std::uint64_t until = 0;
    for (const auto& [value, count] : samples) {
        until += count;
        if (static_cast<double>(until) >= rank) return value;
    }
    return samples.empty() ? Duration{} : samples.back().value;
}

std::string encode(const CountedSamples& samples)
{
    std::string bytes;
    std::uint64_t next = 0; // a bucket is written as its distance from the one after the last
    for (const auto& [value, count] : bucketed(samples)) {
        const auto bucket = bucket_of(value);
        append(bytes, bucket - next);
        append(bytes, count);
        next = bucket + 1;
    }
    return bytes;
}

std::optional<CountedSamples> decode(std::string_view bytes)
{
    CountedSamples out;
    std::uint64_t next = 0, sum = 0;
    while (!bytes.empty()) {
        const auto distance = take(bytes);
        const auto count = take(bytes);
        if (!distance || !count || *count == 0 || *distance >= buckets - next) return std::nullopt;
        if (*count > (std::uint64_t{1} << 62) - sum) return std::nullopt;
        sum += *count;
        out.push_back({lower_bound_of(next + *distance), *count});
        next += *distance + 1;
    }
    return out;
}

} // namespace wsrace
