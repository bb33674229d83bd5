#include "core/random.hpp"
#include "explore/amplification.hpp"

#include <boost/random/uniform_real_distribution.hpp>
#include <catch2/catch.hpp>

#include <cmath>

using namespace wsrace;
using namespace std::chrono_literals;

namespace {

// A race whose rate peaks at one length of each gap: normal in the logarithm, `width` is a factor.
struct Peak {
    std::vector<Duration> at;
    double width = 2;
    double highest = 0.9, elsewhere = 0.02;

    double rate(const std::vector<Duration>& values) const
    {
        double off = 0;
        for (std::size_t i = 0; i < at.size(); ++i) {
            const auto ratio = std::log(static_cast<double>(std::max<std::int64_t>(1, values[i].count())) /
                                        static_cast<double>(at[i].count()));
            off += ratio * ratio / (2 * std::log(width) * std::log(width));
        }
        return std::max(elsewhere, highest * std::exp(-off));
    }
};

struct Tuned {
    Amplification result;
    double before = 0, after = 0; // true rates
};

Tuned tune(const Peak& peak, const std::vector<GapRange>& gaps, std::uint64_t seed,
           AmplificationOptions options = {})
{
    auto random = random_stream(seed, "plays");
    boost::random::uniform_real_distribution<double> uniform{0, 1};
    options.seed = seed;
    const auto play = [&](const std::vector<Duration>& values) {
        return uniform(random) < peak.rate(values) ? Played::failed : Played::passed;
    };
    Tuned tuned;
    tuned.result = amplify(gaps, play, options);
    std::vector<Duration> start;
    for (const auto& gap : gaps) start.push_back(gap.start);
    tuned.before = peak.rate(start);
    tuned.after = peak.rate(tuned.result.values);
    return tuned;
}

} // namespace

TEST_CASE("A peak somewhere in four decades of a gap is found", "[explore][simulation]")
{
    int high = 0;
    std::uint64_t plays = 0;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        auto random = random_stream(seed, "peak");
        boost::random::uniform_real_distribution<double> decade{-3, 0};
        const auto at = Duration{std::llround(1e9 * std::pow(10, decade(random)))};
        const auto tuned = tune({.at = {at}}, {{.low = 200us, .high = 2s, .start = 200us}}, seed);
        high += tuned.after >= 0.7 ? 1 : 0;
        plays += tuned.result.plays;
        CHECK(tuned.after >= tuned.before);
    }
    INFO(plays / 50 << " plays on average");
    CHECK(high >= 45);
    CHECK(plays / 50 <= 900);
}

TEST_CASE("Two gaps that both have to fit are tuned one after the other", "[explore][simulation]")
{
    int better = 0;
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        const Peak peak{.at = {5ms, 80ms}, .width = 3, .highest = 0.95};
        const std::vector<GapRange> gaps{{.low = 200us, .high = 2s, .start = 20ms},
                                         {.low = 200us, .high = 2s, .start = 20ms}};
        const auto tuned = tune(peak, gaps, seed);
        better += tuned.after >= 0.6 ? 1 : 0;
        CHECK(tuned.after >= 0.8 * tuned.before);
    }
    CHECK(better >= 26);
}

TEST_CASE("Where no value is better it stays where it began, or at something as good",
          "[explore][simulation]")
{
    int changed = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const Peak flat{.at = {10ms}, .width = 2, .highest = 0.4, .elsewhere = 0.4};
        const auto tuned = tune(flat, {{.low = 1ms, .high = 1s, .start = 30ms}}, seed);
        changed += tuned.result.better ? 1 : 0;
        if (!tuned.result.better) CHECK(tuned.result.values[0] == 30ms);
    }
    CHECK(changed <= 5);
}

TEST_CASE("From the peak it does not go anywhere worse", "[explore][simulation]")
{
    int worse = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const Peak peak{.at = {30ms}, .width = 2, .highest = 0.5};
        const auto tuned = tune(peak, {{.low = 1ms, .high = 1s, .start = 30ms}}, seed);
        worse += tuned.after < 0.9 * tuned.before ? 1 : 0;
    }
    CHECK(worse <= 5);
}

TEST_CASE("What fails nearly always is left alone", "[explore]")
{
    const Peak certain{.at = {10ms}, .width = 2, .highest = 1, .elsewhere = 1};
    const auto tuned =
        tune(certain, {{.low = 1ms, .high = 1s, .start = 0ms}, {.low = 1ms, .high = 1s, .start = 5ms}}, 1);
    CHECK_FALSE(tuned.result.better);
    CHECK(tuned.result.values == std::vector<Duration>{0ms, 5ms});
    CHECK(tuned.result.plays < 250);
}

TEST_CASE("Tuning ends with its budget, and with something that was tested", "[explore]")
{
    const Peak peak{.at = {5ms}, .width = 3};
    for (const std::uint64_t plays : {0, 1, 50, 150, 400}) {
        AmplificationOptions options;
        options.limits.plays = plays;
        const auto tuned = tune(peak, {{.low = 1ms, .high = 1s, .start = 300ms}}, 3, options);
        CHECK(tuned.result.plays <= plays);
        CHECK(tuned.after >= tuned.before);
        if (!tuned.result.better) CHECK(tuned.result.values[0] == 300ms);
    }
    const auto nothing = amplify({}, [](const std::vector<Duration>&) { return Played::failed; }, {});
    CHECK(nothing.values.empty());
    CHECK(nothing.plays == 0);
}

TEST_CASE("Only void executions change nothing, and end", "[explore]")
{
    AmplificationOptions options;
    options.limits.plays = 5000;
    const auto result = amplify(
        {{.low = 1ms, .high = 1s, .start = 7ms}}, [](const std::vector<Duration>&) { return Played::voided; },
        options);
    CHECK(result.values == std::vector<Duration>{7ms});
    CHECK(result.voided == result.plays);
}

TEST_CASE("All values stay in their bounds, and the same seed asks for the same", "[explore]")
{
    const auto asked = [](std::uint64_t seed) {
        std::vector<std::vector<Duration>> all;
        AmplificationOptions options;
        options.seed = seed;
        options.limits.plays = 300;
        amplify(
            {{.low = 2ms, .high = 50ms, .start = 3ms}},
            [&all](const std::vector<Duration>& values) {
                all.push_back(values);
                return values[0] > 10ms ? Played::failed : Played::passed;
            },
            options);
        return all;
    };
    for (const auto& values : asked(4)) CHECK((values[0] >= 2ms && values[0] <= 50ms));
    CHECK(asked(4) == asked(4));
    CHECK(asked(4) != asked(5));
}
