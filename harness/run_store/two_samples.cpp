#include "run_store/two_samples.hpp"

#include <boost/math/distributions/hypergeometric.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace wsrace {

namespace {

using boost::math::cdf;
using boost::math::complement;

struct Ranked {
    double u = 0;    // new above base, ties by half
    double ties = 0; // sum of t^3 - t over groups of equal values
};

Ranked rank(const CountedSamples& base, const CountedSamples& fresh)
{
    Ranked out;
    double base_below = 0;
    auto next_base = base.begin();
    auto next_fresh = fresh.begin();
    while (next_base != base.end() || next_fresh != fresh.end()) {
        const bool base_first =
            next_fresh == fresh.end() || (next_base != base.end() && next_base->value <= next_fresh->value);
        const auto value = base_first ? next_base->value : next_fresh->value;
        double in_base = 0, in_fresh = 0;
        if (next_base != base.end() && next_base->value == value)
            in_base = static_cast<double>((next_base++)->count);
        if (next_fresh != fresh.end() && next_fresh->value == value)
            in_fresh = static_cast<double>((next_fresh++)->count);
        out.u += in_fresh * (base_below + in_base / 2);
        base_below += in_base;
        const auto tied = in_base + in_fresh;
        out.ties += tied * tied * tied - tied;
    }
    return out;
}

} // namespace

RankTest mann_whitney(const CountedSamples& base, const CountedSamples& fresh)
{
    const auto m = static_cast<double>(total(base));
    const auto n = static_cast<double>(total(fresh));
    RankTest test;
    if (m == 0 || n == 0) return test;
    const auto ranked = rank(base, fresh);
    const auto all = m + n;
    test.u = ranked.u;
    test.a12 = ranked.u / (m * n);
    const auto variance = m * n / 12 * (all + 1 - ranked.ties / (all * (all - 1)));
    if (!(variance > 0)) return test; // all values are the same
    const auto deviation = std::sqrt(variance);
    const boost::math::normal standard;
    const auto above = ranked.u - m * n / 2;
    test.p_larger = cdf(complement(standard, (above - 0.5) / deviation));
    test.p_smaller = cdf(standard, (above + 0.5) / deviation);
    return test;
}

double in_deviations(double a12, std::uint64_t base, std::uint64_t fresh)
{
    const auto pairs = std::max(static_cast<double>(base) * static_cast<double>(fresh), 1.0);
    const auto inside = std::clamp(a12, 0.5 / pairs, 1 - 0.5 / pairs);
    return boost::math::quantile(boost::math::normal{}, inside);
}

double probability_of(double deviations)
{
    return cdf(boost::math::normal{}, std::clamp(deviations, -30.0, 30.0));
}

double rank_test_power(std::uint64_t base, std::uint64_t fresh, double a12, double alpha)
{
    const auto all = static_cast<double>(base + fresh);
    if (base == 0 || fresh == 0) return 0;
    const auto share = static_cast<double>(fresh) / all;
    const boost::math::normal standard;
    const auto critical = boost::math::quantile(complement(standard, alpha));
    return cdf(standard, std::sqrt(12 * share * (1 - share) * all) * (a12 - 0.5) - critical);
}

ExactTest fisher(const Failures& base, const Failures& fresh)
{
    const auto failed = base.failed + fresh.failed;
    const auto trials = base.trials + fresh.trials;
    if (base.failed > base.trials || fresh.failed > fresh.trials)
        throw std::logic_error{"more failures than trials"};
    if (trials > 0x7FFF'FFFF) throw std::runtime_error{"more than 2^31 trials: compare fewer runs at once"};

    ExactTest test;
    const auto odds = [](const Failures& side) {
        return (static_cast<double>(side.failed) + 0.5) /
               (static_cast<double>(side.trials - side.failed) + 0.5);
    };
    test.odds_ratio = odds(fresh) / odds(base);
    if (failed == 0 || failed == trials || base.trials == 0 || fresh.trials == 0) return test;
    // How many of all failures are new ones, if it is chance alone that spreads them over all trials.
    const boost::math::hypergeometric chance(
        static_cast<unsigned>(failed), static_cast<unsigned>(fresh.trials), static_cast<unsigned>(trials));
    const auto fewest = failed > base.trials ? failed - base.trials : 0;
    const auto most = std::min(failed, fresh.trials);
    const auto at_least = [&](std::uint64_t count) {
        return count <= fewest ? 1.0 : cdf(complement(chance, static_cast<unsigned>(count - 1)));
    };
    test.p_more = at_least(fresh.failed);
    test.p_fewer = fresh.failed >= most ? 1.0 : cdf(chance, static_cast<unsigned>(fresh.failed));
    test.smallest_p = at_least(most);
    return test;
}

double next_value_limit(const std::vector<double>& values, double alpha, const SpreadPrior& prior)
{
    const auto count = static_cast<double>(values.size());
    const auto mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
    double squares = prior.weight * prior.deviation * prior.deviation;
    for (const auto value : values) squares += (value - mean) * (value - mean);
    const auto freedom = prior.weight + count - 1;
    if (!(freedom > 0)) return std::numeric_limits<double>::infinity();
    const auto t = boost::math::quantile(complement(boost::math::students_t{freedom}, alpha));
    return mean + t * std::sqrt(squares / freedom * (1 + 1 / count));
}

std::vector<bool> holm(const std::vector<double>& p_values, double alpha)
{
    std::vector<std::size_t> order(p_values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
    std::vector<bool> rejected(p_values.size(), false);
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (p_values[order[i]] > alpha / static_cast<double>(order.size() - i)) break;
        rejected[order[i]] = true;
    }
    return rejected;
}

} // namespace wsrace
