#include "explore/screening.hpp"

#include <boost/random/bernoulli_distribution.hpp>

#include <algorithm>
#include <cmath>

namespace wsrace {

namespace {

// (1.8 * 2)^2 p (1 - p) / (0.3 p)^2 plays make such an element stand out by 1.8 standard deviations on
// average.
constexpr double plays_per_odds = 144;
constexpr double fewest = 20;
constexpr double least_rate = 1e-3;

} // namespace

Screening::Screening(const ElementLinks& links, Keep base, Keep doubtful, double rate, std::uint64_t seed)
    : links_{links}, base_{std::move(base)}, doubtful_{std::move(doubtful)}, random_{seed},
      with_(base_.size()), without_(base_.size())
{
    const auto known = std::clamp(rate, least_rate, 1.0);
    wanted_ = static_cast<std::uint64_t>(std::ceil(fewest + plays_per_odds * (1 - known) / known));
}

Keep Screening::next()
{
    const auto folded = !half_.empty();
    boost::random::bernoulli_distribution<double> kept{0.5};
    auto plan = base_;
    for (const auto element : elements_of(doubtful_))
        plan[element] = plan[element] || (folded ? !half_[element] : kept(random_));
    half_ = folded ? Keep{} : plan;
    return links_.without_orphans(std::move(plan));
}

void Screening::add(const Keep& plan, bool failed)
{
    ++plays_;
    for (const auto element : elements_of(doubtful_)) {
        auto& tally = plan[element] ? with_[element] : without_[element];
        tally.failed += failed ? 1 : 0;
        ++tally.played;
    }
}

std::vector<std::size_t> Screening::strongest_first() const
{
    std::vector<double> difference(base_.size(), 0);
    for (const auto element : elements_of(doubtful_)) {
        const auto& with = with_[element];
        const auto& without = without_[element];
        const auto rate_with = (with.failed + 0.5) / (with.played + 1);
        const auto rate_without = (without.failed + 0.5) / (without.played + 1);
        const auto variance = rate_with * (1 - rate_with) / (with.played + 1) +
                              rate_without * (1 - rate_without) / (without.played + 1);
        difference[element] = (rate_with - rate_without) / std::sqrt(variance);
    }
    auto order = elements_of(doubtful_);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return difference[a] > difference[b]; });
    return order;
}

} // namespace wsrace
