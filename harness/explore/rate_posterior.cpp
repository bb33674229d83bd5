#include "explore/rate_posterior.hpp"

#include <boost/math/special_functions/beta.hpp>

namespace wsrace {

namespace {

// Double is precise enough, and long double several times slower.
using Quick = boost::math::policies::policy<boost::math::policies::promote_double<false>>;

constexpr std::size_t parts = 32; // of the original's posterior

} // namespace

RatePosterior::RatePosterior(const Trials& trials)
    : failed_{static_cast<double>(trials.failed) + 0.5}, passed_{static_cast<double>(trials.passed()) + 0.5}
{}

double RatePosterior::above(double rate) const
{
    if (rate <= 0) return 1;
    return rate >= 1 ? 0 : boost::math::ibetac(failed_, passed_, rate, Quick{});
}

double RatePosterior::quantile(double share) const
{
    return boost::math::ibeta_inv(failed_, passed_, share, Quick{});
}

std::vector<double> RatePosterior::sample(std::size_t size) const
{
    std::vector<double> rates;
    rates.reserve(size);
    for (std::size_t i = 0; i < size; ++i)
        rates.push_back(quantile((static_cast<double>(i) + 0.5) / static_cast<double>(size)));
    return rates;
}

double relative_variance(const Trials& trials)
{
    const auto failed = static_cast<double>(trials.failed) + 0.5;
    const auto passed = static_cast<double>(trials.passed()) + 0.5;
    return passed / (failed * (failed + passed));
}

double probability_of_ratio(const Trials& candidate, const Trials& original, double ratio)
{
    const RatePosterior posterior{candidate};
    double sum = 0;
    for (const auto rate : RatePosterior{original}.sample(parts)) sum += posterior.above(ratio * rate);
    return sum / static_cast<double>(parts);
}

} // namespace wsrace
