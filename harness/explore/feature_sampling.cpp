#include "explore/feature_sampling.hpp"

#include <boost/random/bernoulli_distribution.hpp>
#include <boost/random/uniform_int_distribution.hpp>

#include <algorithm>
#include <cmath>

namespace wsrace {

namespace {

constexpr double least_share = 0.5, most_share = 0.8;
constexpr double first_share = 0.65;
constexpr double gone = 0.05;       // of the rate with an element: without one that is needed
constexpr double usual_trigger = 3; // elements; the prior odds that one of n is needed are 3 / n
constexpr double patience = 12;     // expected failures of the whole plan without any of a sub-plan
constexpr double longest = 70;      // expected failures of the whole plan: then it is enough
constexpr std::uint64_t most_draws = 50;

// The log likelihood of so many failures in so many plays at a rate, and 0 * log(0) = 0.
double log_likelihood(double failed, double passed, double rate)
{
    return (failed > 0 ? failed * std::log(rate) : 0) + (passed > 0 ? passed * std::log1p(-rate) : 0);
}

} // namespace

FeatureSampling::FeatureSampling(const ElementLinks& links, Keep live, double rate, std::uint64_t seed)
    : links_{links}, live_{std::move(live)},
      live_count_{static_cast<double>(kept_count(live_))}, rate_{rate}, random_{seed}
{}

double FeatureSampling::share() const
{
    const auto expected = rate_ * static_cast<double>(sub_plans_.size());
    if (expected < 2) return first_share;
    const auto surviving = (static_cast<double>(failures_) + 0.5) / (expected + 1); // first_share^k
    const auto needed = std::log(std::min(surviving, 0.9)) / std::log(first_share);
    return std::clamp(std::exp(-1 / needed), least_share, most_share);
}

Keep FeatureSampling::next()
{
    boost::random::bernoulli_distribution<double> kept{share()};
    for (std::uint64_t draw = 0; draw < most_draws; ++draw) {
        auto sub_plan = live_;
        for (std::size_t i = 0; i < live_.size(); ++i)
            if (live_[i] && !kept(random_)) sub_plan[i] = false;
        sub_plan = links_.without_orphans(std::move(sub_plan));
        if (kept_count(sub_plan) > 0 && sub_plan != live_) return sub_plan;
    }
    return live_; // one element, or one group
}

void FeatureSampling::add(const Keep& sub_plan, bool failed)
{
    sub_plans_.push_back({sub_plan, failed});
    failures_ += failed ? 1 : 0;
}

bool FeatureSampling::hopeless() const
{
    return failures_ == 0 && rate_ * static_cast<double>(sub_plans_.size()) >= patience;
}

bool FeatureSampling::enough() const
{
    if (hopeless() || rate_ * static_cast<double>(sub_plans_.size()) >= longest) return true;
    const auto failures =
        std::log(live_count_) / -std::log(share()); // then one is left that only looks needed
    return static_cast<double>(failures_) >= std::max(3.0, failures);
}

double FeatureSampling::score(std::size_t element) const
{
    double with_failed = 0, with_passed = 0, without_failed = 0, without_passed = 0;
    for (const auto& sub_plan : sub_plans_) {
        auto& number = sub_plan.keep[element] ? (sub_plan.failed ? with_failed : with_passed)
                                              : (sub_plan.failed ? without_failed : without_passed);
        ++number;
    }
    const auto rate_with = (with_failed + 0.5) / (with_failed + with_passed + 1);
    const auto rate = (with_failed + without_failed + 0.5) / (static_cast<double>(sub_plans_.size()) + 1);
    const auto needed = log_likelihood(with_failed, with_passed, rate_with) +
                        log_likelihood(without_failed, without_passed, gone * rate_with);
    const auto no_difference =
        log_likelihood(with_failed + without_failed, with_passed + without_passed, rate);
    return needed - no_difference;
}

std::vector<double> FeatureSampling::scores() const
{
    std::vector<double> scores(live_.size(), 0);
    for (const auto element : elements_of(live_)) scores[element] = score(element);
    return scores;
}

Keep FeatureSampling::suspects() const
{
    const auto all = scores();
    const auto threshold = std::log(std::max(1.0, live_count_ / usual_trigger));
    Keep suspects(live_.size(), false);
    for (const auto element : elements_of(live_)) suspects[element] = all[element] > threshold;
    return links_.with_needed(std::move(suspects));
}

} // namespace wsrace
