#include "explore/low_discrepancy.hpp"

#include "core/random.hpp"

#include <cmath>

namespace wsrace {

namespace {

constexpr std::uint64_t golden_ratio = 0x9E3779B97F4A7C15ULL; // of 2^64; arithmetic wraps as it should

} // namespace

GoldenSequence::GoldenSequence(std::uint64_t seed) : state_{derive_seed(seed, "cold start places")} {}

double GoldenSequence::next()
{
    state_ += golden_ratio;
    return std::ldexp(static_cast<double>(state_ >> 11U), -53);
}

} // namespace wsrace
