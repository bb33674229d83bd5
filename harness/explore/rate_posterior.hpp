// What a number of trials says about a rate: the beta distribution that Bayes' theorem makes of Jeffreys'
// prior, Beta(failed + 1/2, passed + 1/2). Its intervals cover the true rate about as often as they say, also
// when repeated (Brown, Cai, DasGupta 2001, "Interval estimation for a binomial proportion"). It is what a
// rate that is only known from trials is compared with.
#pragma once

#include "explore/trials.hpp"

#include <cstddef>
#include <vector>

namespace wsrace {

class RatePosterior {
public:
    explicit RatePosterior(const Trials& trials);

    double mean() const { return failed_ / (failed_ + passed_); }
    double above(double rate) const;     // the probability that the rate is at least this
    double quantile(double share) const; // 0 < share < 1
    std::vector<double>
    sample(std::size_t size) const; // even in probability, ascending: the middle of each part

private:
    double failed_; // with the prior's halves
    double passed_;
};

// The variance of the rate's logarithm, about: how unsure the rate is, relative to itself.
double relative_variance(const Trials& trials);

// The probability that the rate behind `candidate` is at least `ratio` times the one behind `original`, both
// known from their trials only.
double probability_of_ratio(const Trials& candidate, const Trials& original, double ratio);

} // namespace wsrace
