// How well plans are shrunk, over many seeds: races that need two to four of 10 to 60 elements and fail in 5
// % to 95 % of executions, with elements that make them likelier or rarer besides.
#include "explore/reduction.hpp"
#include "explore/synthetic_race.hpp"

#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>

#include <cmath>
#include <string>

using namespace wsrace;
using namespace wsrace::test;

namespace {

// A sanitizer makes each ten times as long, and finds what it can find in a few.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__) || defined(__clang__)
constexpr std::uint64_t seeds = 20;
#else
constexpr std::uint64_t seeds = 100;
#endif

struct Kind {
    std::size_t elements, trigger;
    double rate;
    std::size_t helpers = 0;   // without one of them it is 0.6 times as frequent
    std::size_t hinderers = 0; // without one of them it is 1.4 times as frequent
};

struct Shares {
    double small = 0;    // at most 1.5 times the smallest plan that fails at least 0.8 times as often
    double as_often = 0; // the result fails at least 0.8 times as often
    double dead = 0;     // the result never fails
    double before = 0, after = 0; // the printed interval contains the rate
    double plays = 0;             // on average
};

SyntheticRace race_of(const Kind& kind, std::uint64_t seed)
{
    auto random = random_stream(seed, "race", kind.elements, kind.trigger);
    const auto drawn = draw_elements(kind.trigger + kind.helpers + kind.hinderers, kind.elements, random);
    std::vector<std::size_t> left{drawn.begin(), drawn.end()};
    const auto take = [&] {
        boost::random::uniform_int_distribution<std::size_t> any{0, left.size() - 1};
        const auto place = left.begin() + static_cast<std::ptrdiff_t>(any(random));
        const auto element = *place;
        left.erase(place);
        return element;
    };
    SyntheticRace race{.elements = kind.elements, .rate = kind.rate};
    for (std::size_t i = 0; i < kind.trigger; ++i) race.trigger.insert(take());
    for (std::size_t i = 0; i < kind.helpers; ++i) race.without[take()] = 0.6;
    for (std::size_t i = 0; i < kind.hinderers; ++i) race.without[take()] = 1.4;
    return race;
}

Shares simulate(const Kind& kind, std::uint64_t times)
{
    Shares shares;
    const auto share = 1 / static_cast<double>(times);
    const auto links = unlinked(kind.elements);
    const auto smallest = static_cast<double>(kind.trigger + kind.helpers);
    for (std::uint64_t seed = 0; seed < times; ++seed) {
        const auto race = race_of(kind, seed);
        auto random = random_stream(seed, "plays");
        ReductionOptions options;
        options.seed = seed;
        options.limits.plays = 20'000;
        const auto result = reduce(
            links, [&](const Keep& keep) { return race.play(keep, random); }, options);
        const auto rate = race.rate_of(result.keep);
        const auto contains = [](const Trials& trials, double truth) {
            const auto interval = trials.interval();
            return interval.low <= truth && truth <= interval.high;
        };
        shares.small += static_cast<double>(kept_count(result.keep)) <= 1.5 * smallest ? share : 0;
        shares.as_often += rate >= 0.8 * kind.rate ? share : 0;
        shares.dead += rate == 0 ? share : 0;
        shares.before += contains(result.before, kind.rate) ? share : 0;
        shares.after += contains(result.after, rate) ? share : 0;
        shares.plays += static_cast<double>(result.plays) * share;
    }
    return shares;
}

void check(const Kind& kind, double most_plays, std::uint64_t times = seeds)
{
    const auto shares = simulate(kind, times);
    const auto figures = std::to_string(kind.elements) + " elements, " + std::to_string(kind.trigger) +
                         " needed, " + std::to_string(kind.helpers) + " help, " +
                         std::to_string(kind.hinderers) + " hinder, rate " + std::to_string(kind.rate) +
                         ": small " + std::to_string(shares.small) + ", as often " +
                         std::to_string(shares.as_often) + ", plays " + std::to_string(shares.plays) +
                         ", intervals " + std::to_string(shares.before) + " " + std::to_string(shares.after);
    INFO(figures);
    const auto nearly = 1e-9; // shares are sums
    CHECK(shares.small >= 0.9 - nearly);
    CHECK(shares.as_often >= 0.9 - nearly);
    CHECK(shares.dead == 0);
    CHECK(shares.plays <= most_plays);
    CHECK(shares.before >= 0.88);
    CHECK(shares.after >= 0.85);
}

} // namespace

TEST_CASE("Shrinking a race that fails nearly always takes some fifty plays", "[explore][simulation]")
{
    check({.elements = 26, .trigger = 2, .rate = 0.95}, 65);
    check({.elements = 10, .trigger = 2, .rate = 0.9}, 70);
    check({.elements = 60, .trigger = 4, .rate = 0.9}, 160);
}

TEST_CASE("Shrinking a race that fails half of the time takes some hundreds", "[explore][simulation]")
{
    check({.elements = 26, .trigger = 2, .rate = 0.5}, 450, seeds / 2);
    check({.elements = 60, .trigger = 4, .rate = 0.5}, 700, seeds / 5);
}

TEST_CASE("Shrinking a race that fails seldom takes thousands, and is as good", "[explore][simulation]")
{
    check({.elements = 40, .trigger = 3, .rate = 0.2}, 1800, seeds / 5);
    check({.elements = 26, .trigger = 2, .rate = 0.05}, 6000, seeds / 10);
}

TEST_CASE("What makes the failure likelier is kept as far as the rate needs it", "[explore][simulation]")
{
    check({.elements = 26, .trigger = 2, .rate = 0.9, .helpers = 1}, 350, seeds / 4);
    check({.elements = 26, .trigger = 2, .rate = 0.5, .helpers = 1}, 1200, seeds / 5);
}

TEST_CASE("Several elements that make it likelier are kept together", "[explore][simulation]")
{
    check({.elements = 26, .trigger = 2, .rate = 0.9, .helpers = 3}, 800, seeds / 5);
}

TEST_CASE("What makes the failure rarer goes, and the rate rises", "[explore][simulation]")
{
    check({.elements = 26, .trigger = 2, .rate = 0.5, .helpers = 0, .hinderers = 2}, 120);
    check({.elements = 40, .trigger = 3, .rate = 0.3, .helpers = 1, .hinderers = 2}, 500, seeds / 2);
}

TEST_CASE("Where any two of twenty users collide, as many stay as the rate needs", "[explore][simulation]")
{
    // Each of the pairs fails on its own with 3 %: all twenty in 1 - 0.97^190, next to always; two in 3 %.
    const auto rate_of = [](const Keep& keep) {
        const auto users = static_cast<double>(kept_count(keep));
        return 1 - std::pow(0.97, users * (users - 1) / 2);
    };
    int as_often = 0;
    for (std::uint64_t seed = 0; seed < seeds / 10; ++seed) {
        auto random = random_stream(seed, "plays");
        boost::random::uniform_real_distribution<double> uniform{0, 1};
        ReductionOptions options;
        options.seed = seed;
        const auto result = reduce(
            unlinked(20),
            [&](const Keep& keep) {
                return uniform(random) < rate_of(keep) ? Played::failed : Played::passed;
            },
            options);
        INFO("seed " << seed << ": " << summary(result));
        CHECK(kept_count(result.keep) < 20);
        CHECK(rate_of(result.keep) >= 0.6);
        as_often += rate_of(result.keep) >= 0.74 ? 1 : 0; // ten of them: 0.8 is between ten and eleven
    }
    CHECK(as_often >= static_cast<int>(seeds / 10) * 9 / 10);
}
