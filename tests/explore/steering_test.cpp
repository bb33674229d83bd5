#include "explore/steering.hpp"

#include "plan/generated_plans.hpp"
#include "plan/strategies/step_pairs.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;

namespace {

constexpr double least_factor = 0.05;

PairCoverage hit(StepType first, StepType second, std::uint32_t times,
                 Relation relation = Relation::other_user)
{
    PairCoverage row{.pair = {.relation = relation, .first = first, .second = second}};
    row.hits.fill(times);
    return row;
}

std::map<StepWords, double> steered(std::vector<PairCoverage> rows)
{
    return steering(CoverageMap::from({.executions = 1, .pairs = std::move(rows)}));
}

// What coverage calls a step that a strategy names; nothing: it does not count it.
std::optional<StepType> counted(std::string word, std::optional<Moment> (*moment_of)(std::string_view))
{
    constexpr std::string_view again = " again";
    if (word.ends_with(again)) word.resize(word.size() - again.size());
    const auto moment = moment_of(word);
    CAPTURE(word);
    REQUIRE(moment); // no strategy makes words of its own
    return step_type(*moment);
}

} // namespace

TEST_CASE("Without coverage no pair of steps has a factor", "[explore]") { CHECK(steered({}).empty()); }

TEST_CASE("The more often a pair was hit the less it weighs, and never less than the floor", "[explore]")
{
    const StepWords words{"upgrade_sent", "close"};
    const auto weight = [&words](std::uint32_t times) {
        return steered({hit(StepType::upgrade, StepType::close, times)}).at(words);
    };
    CHECK(weight(0) == Approx(1));
    CHECK(weight(1) == Approx(0.5));
    CHECK(weight(9) < weight(1));
    CHECK(weight(1'000'000) == Approx(least_factor));
}

TEST_CASE("A pair weighs as the order of its two that was tried less", "[explore]")
{
    const auto weights =
        steered({hit(StepType::upgrade, StepType::close, 9), hit(StepType::close, StepType::upgrade, 1)});
    CHECK(weights.at({"upgrade_sent", "close"}) == Approx(0.5));
    CHECK(weights.at({"close", "upgrade_sent"}) == Approx(0.5));
}

TEST_CASE("A connection that is opened again is another step than one that is opened first", "[explore]")
{
    const auto weights =
        steered({hit(StepType::reopened, StepType::close, 1), hit(StepType::connect, StepType::close, 99)});
    CHECK(weights.at({"connect again", "close"}) == Approx(0.5));
    CHECK(weights.at({"connect", "close"}) == Approx(least_factor));
    CHECK(weights.at({"close", "connect again"}) == Approx(0.5));
}

TEST_CASE("Pairs of steps that nobody hit, or could hit, have no factor", "[explore]")
{
    const auto weights = steered({hit(StepType::upgrade, StepType::close, 9)});
    CHECK_FALSE(weights.contains({"request", "close"}));
    CHECK_FALSE(weights.contains({"upgrade_sent", "upgrade_sent"}));
}

TEST_CASE("Coverage has a say in every pair that strategies draw from and that it counts", "[explore]")
{
    std::vector<PairCoverage> rows;
    for (std::size_t first = 0; first < step_types; ++first)
        for (std::size_t second = 0; second < step_types; ++second)
            rows.push_back(hit(static_cast<StepType>(first), static_cast<StepType>(second), 1));
    const auto weights = steered(rows);
    std::size_t known = 0;
    for (const auto& scenario : shipped_scenarios()) {
        CAPTURE(scenario.name);
        const StrategyInput input{.seed = 7};
        for (const auto& pair : candidate_pairs(Draft{scenario, input, "test"})) {
            CAPTURE(pair.types.first, pair.types.second);
            const auto waits = counted(pair.types.first, held_moment);
            const auto awaited = counted(pair.types.second, observed_moment);
            CHECK(weights.contains(pair.types) == (waits && awaited));
            known += waits && awaited ? 1 : 0;
        }
    }
    CHECK(known > 100);
}
