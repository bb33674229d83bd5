// Tests of whether one sample is worse than another, and effects that say how much. Pure.
//
// - Latencies: Mann and Whitney's U (1947), normal approximation with continuity and tie corrections, and the
//   effect A12 of Vargha and Delaney (2000): the probability that a new value is larger than one of the base,
//   ties by half. 0.5 is no difference; they call 0.56 small, 0.64 medium, 0.71 large.
// - Failures: Fisher's exact test, and the odds ratio; 1.68, 3.47 and 6.71 correspond to the same three
// effects
//   (Chen, Cohen and Chen 2010).
// - Several tests at once: Holm's step-down procedure (1979) over those that could come out significant at
// all
//   (Tarone 1990).
#pragma once

#include "run_store/counted_samples.hpp"

#include <cstdint>
#include <vector>

namespace wsrace {

struct RankTest {
    double u = 0; // pairs in which the new value is the larger one, ties by half
    double a12 = 0.5;
    double p_larger = 1; // one-sided: by chance alone new values would be as large as that, or larger
    double p_smaller = 1;
};

RankTest mann_whitney(const CountedSamples& base, const CountedSamples& fresh);

// A12 on a scale on which such effects add up: the quantile of the normal distribution. Finite, also where
// all pairs are the same way round. And the way back.
double in_deviations(double a12, std::uint64_t base, std::uint64_t fresh);
double probability_of(double deviations);

// Power of the one-sided test at level `alpha` where the true effect is `a12` (Noether 1987): the probability
// that it is noticed.
double rank_test_power(std::uint64_t base, std::uint64_t fresh, double a12, double alpha);

struct Failures {
    std::uint64_t failed = 0;
    std::uint64_t trials = 0;
    double rate() const
    {
        return trials == 0 ? 0 : static_cast<double>(failed) / static_cast<double>(trials);
    }
};

struct ExactTest {
    double odds_ratio = 1; // of failing, new to base; half a failure and half a success added to each
    double p_more = 1;     // one-sided: by chance alone so many of the failures, or more, would be new ones
    double p_fewer = 1;
    double smallest_p = 1; // that these numbers of trials and failures could have given: all of them new
};

ExactTest fisher(const Failures& base, const Failures& fresh);

// What is known of a spread beforehand: a standard deviation, and how many values that is worth.
struct SpreadPrior {
    double deviation = 0;
    double weight = 0;
};

// The value that one more like these exceeds with probability `alpha`: the upper limit of Student's
// prediction interval, its variance moderated by the prior (Smyth 2004). `values` is not empty. Infinite: of
// one value without a prior.
double next_value_limit(const std::vector<double>& values, double alpha, const SpreadPrior& prior = {});

// Which of the hypotheses are rejected so that the probability of rejecting any wrongly is at most `alpha`.
std::vector<bool> holm(const std::vector<double>& p_values, double alpha);

} // namespace wsrace
