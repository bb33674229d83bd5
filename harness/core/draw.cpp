#include "core/draw.hpp"

#include <boost/random/exponential_distribution.hpp>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <boost/random/uniform_real_distribution.hpp>

#include <algorithm>
#include <cmath>

namespace wsrace {

namespace {

using Micros = std::chrono::microseconds;

double micros(Duration duration) { return std::chrono::duration<double, std::micro>{duration}.count(); }

Duration from_micros(double value) { return Micros{std::llround(value)}; }

constexpr double quantile_95 = 1.6448536269514722; // of the standard normal distribution

// No wait is negative: what would be is none.
Duration draw_normal(Duration mean, Duration deviation, RandomEngine& random)
{
    boost::random::normal_distribution<double> value{micros(mean), micros(deviation)};
    return from_micros(std::max(0.0, value(random)));
}

// A tenth of an hour at most: its tail has no end, and a draw from there would be a hang.
Duration draw_log_normal(Duration median, Duration high, RandomEngine& random)
{
    constexpr double longest = 3.6e8;
    const auto centre = std::log(std::max(1.0, micros(median)));
    const auto spread = std::max(0.0, std::log(std::max(1.0, micros(high))) - centre) / quantile_95;
    boost::random::normal_distribution<double> exponent{centre, spread};
    return from_micros(std::min(longest, std::exp(exponent(random))));
}

} // namespace

Duration draw_log_uniform(Duration low, Duration high, RandomEngine& random)
{
    const auto least = std::max(1.0, micros(low));
    const auto most = std::max(least, micros(high));
    if (least == most) return from_micros(least);
    boost::random::uniform_real_distribution<double> exponent{std::log(least), std::log(most)};
    return from_micros(std::exp(exponent(random)));
}

Duration draw(const Distribution& distribution, RandomEngine& random)
{
    switch (distribution.kind) {
    case Distribution::Kind::fixed: return distribution.low;
    case Distribution::Kind::uniform: {
        const auto low = std::chrono::duration_cast<Micros>(distribution.low).count();
        const auto high = std::chrono::duration_cast<Micros>(distribution.high).count();
        boost::random::uniform_int_distribution<std::int64_t> between{low, std::max(low, high)};
        return Micros{between(random)};
    }
    case Distribution::Kind::log_uniform:
        return draw_log_uniform(distribution.low, distribution.high, random);
    case Distribution::Kind::normal: return draw_normal(distribution.low, distribution.high, random);
    case Distribution::Kind::log_normal: return draw_log_normal(distribution.low, distribution.high, random);
    case Distribution::Kind::exponential: break;
    }
    boost::random::exponential_distribution<double> gap{1.0 / std::max(1.0, micros(distribution.low))};
    return from_micros(gap(random));
}

} // namespace wsrace
