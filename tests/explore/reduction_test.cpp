#include "explore/reduction.hpp"
#include "explore/synthetic_race.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

using namespace wsrace;
using namespace wsrace::test;
using End = Reduction::End;

namespace {

Reduction shrink(const SyntheticRace& race, const ElementLinks& links, ReductionOptions options = {})
{
    auto random = random_stream(options.seed, "plays");
    return reduce(
        links, [&](const Keep& keep) { return race.play(keep, random); }, options);
}

ReductionOptions with_plays(std::uint64_t plays)
{
    ReductionOptions options;
    options.limits.plays = plays;
    return options;
}

std::vector<std::size_t> listed(const std::set<std::size_t>& elements)
{
    return {elements.begin(), elements.end()};
}

} // namespace

TEST_CASE("A failure that always happens is reduced to exactly what it needs", "[explore]")
{
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        auto random = random_stream(seed, "race");
        const auto elements = 5 + 3 * seed;
        const SyntheticRace race{
            .elements = elements, .rate = 1, .trigger = draw_elements(1 + seed % 4, elements, random)};
        ReductionOptions options;
        options.seed = seed;
        const auto reduction = shrink(race, unlinked(elements), options);
        INFO("seed " << seed << ": " << summary(reduction));
        CHECK(reduction.end == End::complete);
        CHECK(elements_of(reduction.keep) == listed(race.trigger));
        CHECK(reduction.one_minimal);
        CHECK(reduction.confirmed);
        CHECK(reduction.before.rate() == 1);
        CHECK(reduction.after.rate() == 1);
    }
}

TEST_CASE("An element takes along what cannot be without it, and stays while something needed needs it",
          "[explore]")
{
    // Four users of four elements each: the user, and three steps that need it. The failure needs a step of
    // the second and one of the fourth, and a constraint (16) that names both.
    std::vector<std::vector<std::size_t>> needs(18);
    for (std::size_t i = 0; i < 16; ++i)
        if (i % 4 != 0) needs[i] = {i / 4 * 4};
    needs[16] = {4, 12};
    needs[17] = {0, 8};
    const ElementLinks links{needs};
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        ReductionOptions options;
        options.seed = seed;
        auto random = random_stream(seed, "plays");
        const SyntheticRace race{.elements = 18, .rate = 0.9, .trigger = {6, 13, 16}};
        const auto reduction = reduce(
            links,
            [&](const Keep& keep) {
                REQUIRE(keep == links.without_orphans(keep));
                return race.play(keep, random);
            },
            options);
        INFO("seed " << seed << ": " << summary(reduction));
        const auto left = elements_of(reduction.keep);
        for (const std::size_t needed : {4, 6, 12, 13, 16}) CHECK(reduction.keep[needed]);
        CHECK(left.size() <= 7);
    }
}

TEST_CASE("Elements that need each other go together, or stay together", "[explore]")
{
    const ElementLinks links{{{1}, {0}, {3}, {2}, {}, {}}};
    const auto reduction = shrink({.elements = 6, .rate = 1, .trigger = {0, 4}}, links);
    CHECK(elements_of(reduction.keep) == std::vector<std::size_t>{0, 1, 4});
}

TEST_CASE("Without a budget nothing is played, and the plan is as it was", "[explore]")
{
    int plays = 0;
    const auto reduction = reduce(
        unlinked(5),
        [&plays](const Keep&) {
            ++plays;
            return Played::failed;
        },
        with_plays(0));
    CHECK(plays == 0);
    CHECK(reduction.end == End::out_of_budget);
    CHECK(kept_count(reduction.keep) == 5);
    CHECK_FALSE(reduction.one_minimal);
    CHECK(reduction.before.played == 0);
    CHECK(summary(reduction) == "not shrunk: the budget ended after 0 plays without that failure");
}

TEST_CASE("At whatever play the budget ends, what is left was seen to fail", "[explore]")
{
    const SyntheticRace race{.elements = 20, .rate = 0.8, .trigger = {3, 11}};
    for (std::uint64_t plays = 1; plays < 120; plays += 2) {
        const auto reduction = shrink(race, unlinked(20), with_plays(plays));
        INFO(plays << " plays: " << summary(reduction));
        CHECK(reduction.plays <= plays);
        CHECK(race.rate_of(reduction.keep) > 0);
        if (reduction.end == End::complete) CHECK(kept_count(reduction.keep) <= 3);
        if (kept_count(reduction.keep) < 20) CHECK(reduction.after.failed >= 2);
    }
}

TEST_CASE("A deadline ends it like a budget", "[explore]")
{
    int left = 60;
    ReductionOptions options;
    options.limits.out_of_time = [&left] { return left-- <= 0; };
    const SyntheticRace race{.elements = 40, .rate = 0.7, .trigger = {3, 11}};
    const auto reduction = shrink(race, unlinked(40), options);
    CHECK(reduction.end == End::out_of_budget);
    CHECK(reduction.plays <= 60);
    CHECK(race.rate_of(reduction.keep) > 0);
}

TEST_CASE("Void executions teach nothing: all of them, most of them, those of one plan", "[explore]")
{
    const auto nothing = shrink({.elements = 6, .rate = 1, .trigger = {1}, .voided = 1}, unlinked(6));
    CHECK(nothing.end == End::void_only);
    CHECK(nothing.voided == nothing.plays);
    CHECK(kept_count(nothing.keep) == 6);
    CHECK(summary(nothing) == "not shrunk: all 10 executions were void");

    const SyntheticRace half{.elements = 20, .rate = 0.9, .trigger = {1, 7}, .voided = 0.5};
    const auto reduction = shrink(half, unlinked(20));
    CHECK(reduction.end == End::complete);
    CHECK(elements_of(reduction.keep) == std::vector<std::size_t>{1, 7});
    CHECK(reduction.voided > reduction.plays / 4);

    // Without element 2 the harness is always late: nothing can be known of such plans, so 2 stays.
    const SyntheticRace race{.elements = 8, .rate = 1, .trigger = {5}};
    auto random = random_stream(1, "plays");
    const auto late =
        reduce(unlinked(8),
               [&](const Keep& keep) { return keep[2] ? race.play(keep, random) : Played::voided; }, {});
    CHECK(elements_of(late.keep) == std::vector<std::size_t>{2, 5});
    CHECK_FALSE(late.one_minimal);
}

TEST_CASE("What is too rare is not shrunk, and what never fails neither", "[explore]")
{
    const auto never = shrink({.elements = 10, .rate = 0, .trigger = {}}, unlinked(10));
    CHECK(never.end == End::never_failed);
    CHECK(never.plays == 200);
    CHECK(kept_count(never.keep) == 10);
    CHECK(summary(never) == "not shrunk: no failure in 200 executions");

    std::uint64_t plays = 0;
    const auto rare = reduce(
        unlinked(10), [&plays](const Keep&) { return ++plays == 100 ? Played::failed : Played::passed; }, {});
    CHECK(rare.end == End::too_rare);
    CHECK(rare.before == Trials{.failed = 1, .played = 200});
    CHECK(summary(rare).find("too rare") != std::string::npos);
}

TEST_CASE("Single elements, and none", "[explore]")
{
    const auto single = shrink({.elements = 1, .rate = 1, .trigger = {0}}, unlinked(1));
    CHECK(single.end == End::complete);
    CHECK(single.one_minimal);
    CHECK(kept_count(single.keep) == 1);
    const auto none = shrink({.elements = 0, .rate = 1, .trigger = {}}, unlinked(0));
    CHECK(none.end == End::complete);
    CHECK(none.keep.empty());
}

TEST_CASE("A failure that needs none of the elements leaves one: the empty plan is never asked for",
          "[explore]")
{
    const auto reduction = reduce(unlinked(12),
                                  [](const Keep& keep) {
                                      REQUIRE(kept_count(keep) > 0);
                                      return Played::failed;
                                  },
                                  {});
    CHECK(kept_count(reduction.keep) == 1);
}

TEST_CASE("A failure that needs everything is left as it is", "[explore]")
{
    SyntheticRace race{.elements = 12, .rate = 1};
    for (std::size_t i = 0; i < 12; ++i) race.trigger.insert(i);
    const auto reduction = shrink(race, unlinked(12));
    CHECK(reduction.end == End::complete);
    CHECK(kept_count(reduction.keep) == 12);
    CHECK(reduction.one_minimal);
}

TEST_CASE("The same seed makes the same decisions", "[explore]")
{
    const SyntheticRace race{.elements = 20, .rate = 0.6, .trigger = {3, 11}};
    const auto asked = [&race](std::uint64_t seed) {
        std::vector<Keep> all;
        ReductionOptions options;
        options.seed = seed;
        auto random = random_stream(9, "plays");
        reduce(
            unlinked(20),
            [&](const Keep& keep) {
                all.push_back(keep);
                return race.play(keep, random);
            },
            options);
        return all;
    };
    CHECK(asked(1) == asked(1));
    CHECK(asked(1) != asked(2));
}

TEST_CASE("Progress is told after every play, and every step is kept with what it cost", "[explore]")
{
    ReductionOptions options;
    std::vector<ReductionProgress> told;
    options.progress = [&told](const ReductionProgress& progress) { told.push_back(progress); };
    const auto reduction = shrink({.elements = 26, .rate = 0.9, .trigger = {3, 11}}, unlinked(26), options);
    REQUIRE(told.size() == reduction.plays);
    CHECK(told.front().elements == 26);
    CHECK(told.back().elements == 2);
    CHECK(told.back().plays == reduction.plays);
    CHECK(told.back().stage == ReductionStage::confirming);
    std::uint64_t plays = 0;
    std::size_t left = 26;
    for (const auto& step : reduction.steps) {
        plays += step.plays;
        if (step.result != ReductionStep::Result::accepted) continue;
        if (step.stage == ReductionStage::confirming) continue;
        CHECK(step.elements + step.left_out.size() == left);
        CHECK(step.trials.failed >= 2); // never for having failed once
        left = step.elements;
    }
    CHECK(plays == reduction.plays);
    CHECK(left == 2);
    CHECK(reduction.steps.front().stage == ReductionStage::replaying);
    CHECK(to_string(reduction.steps.back().stage) == "confirming");
    CHECK(summary(reduction).find("26 elements to 2 in " + std::to_string(plays) +
                                  " plays; the plan fails in") == 0);
}
