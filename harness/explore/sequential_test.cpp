#include "explore/sequential_test.hpp"

#include <algorithm>
#include <cmath>

namespace wsrace {

namespace {

constexpr double least_rate = 1e-9; // a rate of 0 or 1 would make one trial infinite evidence

double inside(double rate) { return std::clamp(rate, least_rate, 1 - least_rate); }

// The h other than 0 with E[exp(h step)] = 1, for steps of `success` with probability `rate` and else of
// `failure`; 0 where the mean step is as good as 0. Wald's "fundamental identity" gives what the walk does
// from it.
double wald_exponent(double rate, double success, double failure)
{
    const auto mean = rate * success + (1 - rate) * failure;
    const auto excess = [&](double h) {
        return rate * std::exp(h * success) + (1 - rate) * std::exp(h * failure) - 1;
    };
    const auto sign = mean < 0 ? 1.0 : -1.0; // excess falls below 0 on this side, and rises again
    double far = sign;
    for (int doubled = 0; doubled < 40 && excess(far) <= 0; ++doubled) far *= 2;
    double near = 0;
    for (int step = 0; step < 80; ++step) {
        const auto middle = (near + far) / 2;
        (excess(middle) <= 0 ? near : far) = middle;
    }
    return near;
}

} // namespace

SequentialTest::SequentialTest(const RateHypotheses& hypotheses)
    : low_{inside(hypotheses.low)}, high_{std::max(inside(hypotheses.high), low_)},
      success_{std::log(high_ / low_)}, failure_{std::log((1 - high_) / (1 - low_))},
      accept_low_{std::log(hypotheses.beta / (1 - hypotheses.alpha))},
      accept_high_{std::log((1 - hypotheses.beta) / hypotheses.alpha)}, most_trials_{hypotheses.most_trials}
{}

void SequentialTest::add(bool success) { add(success ? 1 : 0, success ? 0 : 1); }

void SequentialTest::add(std::uint64_t successes, std::uint64_t failures)
{
    trials_ += successes + failures;
    evidence_ += static_cast<double>(successes) * success_ + static_cast<double>(failures) * failure_;
}

SequentialTest::Decision SequentialTest::decision() const
{
    if (evidence_ >= accept_high_) return Decision::high;
    return evidence_ <= accept_low_ ? Decision::low : Decision::undecided;
}

bool SequentialTest::exhausted() const { return most_trials_ > 0 && trials_ >= most_trials_; }

SequentialTest::Decision SequentialTest::leaning() const
{
    if (evidence_ == 0) return Decision::undecided;
    return evidence_ > 0 ? Decision::high : Decision::low;
}

double SequentialTest::expected_further(double rate) const
{
    if (ended()) return 0;
    const auto up = accept_high_ - evidence_;
    const auto down = evidence_ - accept_low_;
    const auto true_rate = std::clamp(rate, 0.0, 1.0);
    const auto mean = true_rate * success_ + (1 - true_rate) * failure_;
    const auto square = true_rate * success_ * success_ + (1 - true_rate) * failure_ * failure_;
    double trials = 0;
    if (mean * mean * (up + down) * (up + down) < 1e-6 * square * square) { // as good as no drift
        trials = square > 0 ? up * down / square : INFINITY;
    } else {
        const auto h = wald_exponent(true_rate, success_, failure_);
        const auto above = std::exp(std::clamp(h * up, -700.0, 700.0));
        const auto below = std::exp(std::clamp(-h * down, -700.0, 700.0));
        const auto upwards = (1 - below) / (above - below);
        trials = (upwards * up - (1 - upwards) * down) / mean;
    }
    const auto least = std::max(1.0, trials);
    return most_trials_ == 0 ? least : std::min(least, static_cast<double>(most_trials_ - trials_));
}

} // namespace wsrace
