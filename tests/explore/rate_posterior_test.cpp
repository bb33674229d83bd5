#include "core/random.hpp"
#include "explore/rate_posterior.hpp"

#include <boost/random/bernoulli_distribution.hpp>
#include <boost/random/uniform_real_distribution.hpp>
#include <catch2/catch.hpp>

#include <algorithm>

using namespace wsrace;

namespace {

Trials draw_trials(double rate, std::uint64_t count, RandomEngine& random)
{
    boost::random::bernoulli_distribution<double> fails{rate};
    Trials trials;
    for (std::uint64_t i = 0; i < count; ++i) trials.add(fails(random));
    return trials;
}

} // namespace

TEST_CASE("Of a hundred printed 95 % intervals, 90 to 99 contain the rate", "[explore][statistics]")
{
    for (const auto rate : {0.05, 0.1, 0.3, 0.5, 0.8, 0.95}) {
        auto random = random_stream(5, "coverage", static_cast<std::uint64_t>(100 * rate));
        int contain = 0;
        for (int i = 0; i < 1000; ++i) {
            const auto interval = draw_trials(rate, 50, random).interval();
            contain += interval.low <= rate && rate <= interval.high ? 1 : 0;
        }
        INFO("rate " << rate);
        CHECK(contain >= 900);
        CHECK(contain <= 990);
    }
}

TEST_CASE("A posterior is the beta distribution of Jeffreys' prior", "[explore][statistics]")
{
    // Brown, Cai, DasGupta 2001: the Jeffreys interval of 5 in 20 is [0.1024, 0.4656] to four digits; here by
    // the quantiles of Beta(5.5, 15.5).
    const RatePosterior posterior{{.failed = 5, .played = 20}};
    CHECK(posterior.mean() == Approx(5.5 / 21));
    CHECK(posterior.above(posterior.quantile(0.025)) == Approx(0.975));
    CHECK(posterior.above(posterior.quantile(0.975)) == Approx(0.025));
    CHECK(posterior.above(0) == 1);
    CHECK(posterior.above(1) == 0);
    // Beta(1/2, 1/2) is the arcsine distribution: F(x) = 2 / pi * asin(sqrt(x)).
    CHECK(RatePosterior{Trials{}}.above(0.25) == Approx(2.0 / 3));
    const auto sample = posterior.sample(100);
    CHECK(sample.size() == 100);
    CHECK(std::is_sorted(sample.begin(), sample.end()));
    CHECK(posterior.above(sample[49]) == Approx(0.505));
}

TEST_CASE("Two rates that are known from trials only are compared with what is known",
          "[explore][statistics]")
{
    CHECK(probability_of_ratio({.failed = 50, .played = 100}, {.failed = 50, .played = 100}, 1) ==
          Approx(0.5).margin(0.02));
    CHECK(probability_of_ratio({.failed = 0, .played = 30}, {.failed = 25, .played = 30}, 0.8) < 1e-6);
    CHECK(probability_of_ratio({.failed = 30, .played = 30}, {.failed = 5, .played = 30}, 0.8) > 0.999);
    CHECK(probability_of_ratio({}, {.failed = 5, .played = 30}, 0.8) >
          0.5); // nothing known: 0.13 is not much
    const auto few = probability_of_ratio({.failed = 3, .played = 6}, {.failed = 6, .played = 6}, 0.8);
    const auto many = probability_of_ratio({.failed = 30, .played = 60}, {.failed = 60, .played = 60}, 0.8);
    CHECK(many < few);
}

TEST_CASE("What is said to be probable happens as often", "[explore][statistics]")
{
    // Rates drawn evenly: of the comparisons that say "at least as high" with 80 % to 90 %, about 85 % are
    // right.
    auto random = random_stream(5, "calibration");
    boost::random::uniform_real_distribution<double> uniform{0, 1};
    double said = 0, right = 0, times = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto one = uniform(random), other = uniform(random);
        const auto probability =
            probability_of_ratio(draw_trials(one, 10, random), draw_trials(other, 10, random), 1);
        if (probability < 0.75 || probability > 0.95) continue;
        said += probability;
        right += one >= other ? 1 : 0;
        ++times;
    }
    REQUIRE(times >= 100);
    CHECK(right / times == Approx(said / times).margin(0.08));
}
