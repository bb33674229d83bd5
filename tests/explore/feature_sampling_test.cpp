#include "explore/feature_sampling.hpp"
#include "explore/screening.hpp"
#include "explore/synthetic_race.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace wsrace;
using namespace wsrace::test;

namespace {

struct Sampled {
    Keep suspects;
    std::uint64_t plays = 0;
    bool hopeless = false;
};

Sampled sample(const SyntheticRace& race, const ElementLinks& links, std::uint64_t seed)
{
    auto random = random_stream(seed, "plays");
    FeatureSampling sampling{links, links.all(), race.rate, seed};
    while (!sampling.enough()) {
        const auto sub_plan = sampling.next();
        sampling.add(sub_plan, race.play(sub_plan, random) == Played::failed);
    }
    return {sampling.suspects(), sampling.plays(), sampling.hopeless()};
}

} // namespace

TEST_CASE("Sampling leaves the trigger and little else, in a number of plays that hardly grows with the plan",
          "[explore][simulation]")
{
    for (const auto elements : {std::size_t{10}, std::size_t{26}, std::size_t{60}}) {
        std::size_t left = 0, trigger = 0;
        std::uint64_t plays = 0;
        for (std::uint64_t seed = 0; seed < 50; ++seed) {
            auto random = random_stream(seed, "race", elements);
            const SyntheticRace race{
                .elements = elements, .rate = 0.9, .trigger = draw_elements(2, elements, random)};
            const auto sampled = sample(race, unlinked(elements), seed);
            left += kept_count(sampled.suspects);
            plays += sampled.plays;
            for (const auto element : race.trigger) trigger += sampled.suspects[element] ? 1 : 0;
        }
        INFO(elements << " elements: " << left / 50.0 << " left after " << plays / 50.0 << " plays");
        CHECK(trigger >= 80); // of 100; what is missing comes back by its score
        CHECK(left <= 50 * 4);
        CHECK(plays <= 50 * 40);
    }
}

TEST_CASE("A failure that needs nearly everything is told soon not to be one for sampling", "[explore]")
{
    SyntheticRace race{.elements = 30, .rate = 1};
    for (std::size_t i = 0; i < 28; ++i) race.trigger.insert(i);
    const auto sampled = sample(race, unlinked(30), 1);
    CHECK(sampled.hopeless);
    CHECK(sampled.plays <= 20);
}

TEST_CASE("Sub-plans are closed: no orphans, never empty, never everything", "[explore]")
{
    std::vector<std::vector<std::size_t>> needs(9);
    for (const std::size_t child : {1, 2, 4, 5, 7, 8}) needs[child] = {child / 3 * 3};
    const ElementLinks links{needs};
    FeatureSampling sampling{links, links.all(), 1, 5};
    for (int i = 0; i < 500; ++i) {
        const auto plan = sampling.next();
        REQUIRE(kept_count(plan) > 0);
        REQUIRE(plan != links.all());
        REQUIRE(plan == links.without_orphans(plan));
    }
    const auto suspects = sample({.elements = 9, .rate = 1, .trigger = {4, 8}}, links, 6).suspects;
    CHECK(suspects == links.with_needed(suspects));
    CHECK(suspects[3]);
    CHECK(suspects[6]);
}

TEST_CASE("Links: what needs something goes with it, and what is needed comes along", "[explore]")
{
    const ElementLinks links{{{}, {0}, {1, 3}, {}, {5}, {4}}}; // 4 and 5 need each other
    CHECK(links.without_orphans({false, true, true, true, true, true}) ==
          Keep{false, false, false, true, true, true});
    CHECK(links.without_orphans({true, true, true, false, true, false}) ==
          Keep{true, true, false, false, false, false});
    CHECK(links.with_needed({false, false, true, false, false, false}) ==
          Keep{true, true, true, true, false, false});
    CHECK(links.with_needed({false, false, false, false, true, false}) ==
          Keep{false, false, false, false, true, true});
    const ElementLinks nowhere{{{7}, {}}};
    CHECK(nowhere.without_orphans({true, true}) == Keep{true, true});
    CHECK(elements_of({true, false, true}) == std::vector<std::size_t>{0, 2});
}

TEST_CASE("Screening names the element that makes a failure likelier, among many that do nothing",
          "[explore][simulation]")
{
    int first = 0, worst = 0;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const SyntheticRace race{
            .elements = 26, .rate = 0.5, .trigger = {3, 17}, .without = {{9, 0.5}, {20, 1.8}}};
        const auto links = unlinked(26);
        Keep base(26, false);
        base[3] = base[17] = true;
        auto doubtful = base;
        doubtful.flip();
        Screening screening{links, base, doubtful, race.rate, seed};
        auto random = random_stream(seed, "plays");
        while (!screening.enough()) {
            const auto plan = screening.next();
            REQUIRE((plan[3] && plan[17]));
            screening.add(plan, race.play(plan, random) == Played::failed);
        }
        const auto order = screening.strongest_first();
        REQUIRE(order.size() == 24);
        first += std::find(order.begin(), order.begin() + 3, 9U) != order.begin() + 3 ? 1 : 0;
        worst += std::find(order.end() - 3, order.end(), 20U) != order.end() ? 1 : 0;
    }
    CHECK(first >= 40);
    CHECK(worst >= 40);
}
