#include "core/draw.hpp"

#include <boost/random/exponential_distribution.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <boost/random/uniform_real_distribution.hpp>

#include <algorithm>
#include <cmath>

namespace wsrace {

namespace {

using Micros = std::chrono::microseconds;

double micros(Duration duration) { return std::chrono::duration<double, std::micro>{duration}.count(); }

Duration from_micros(double value) { return Micros{std::llround(value)}; }

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
    case Distribution::Kind::exponential: break;
    }
    boost::random::exponential_distribution<double> gap{1.0 / std::max(1.0, micros(distribution.low))};
    return from_micros(gap(random));
}

} // namespace wsrace
