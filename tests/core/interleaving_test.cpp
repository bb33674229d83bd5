#include "core/interleaving.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace wsrace;
using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST_CASE("Pairs and cells are numbered without holes, and back", "[core]")
{
    std::set<std::uint16_t> cells;
    for (std::uint16_t number = 0; number < step_pairs; ++number) {
        const auto pair = pair_of(number);
        REQUIRE(pair_number(pair) == number);
        for (std::size_t bucket = 0; bucket < gap_buckets; ++bucket) cells.insert(cell_number(pair, bucket));
    }
    CHECK(cells.size() == interleaving_cells);
    CHECK(*cells.rbegin() == interleaving_cells - 1);
}

TEST_CASE("A gap belongs to the bucket whose lower edge it has reached", "[core]")
{
    CHECK(gap_bucket(microseconds{0}) == 0U);
    CHECK(gap_bucket(microseconds{99}) == 0U);
    CHECK(gap_bucket(microseconds{100}) == 1U);
    CHECK(gap_bucket(microseconds{999}) == 2U);
    CHECK(gap_bucket(milliseconds{1}) == 3U);
    CHECK(gap_bucket(milliseconds{299}) == 7U);
    CHECK(!gap_bucket(milliseconds{300}));
    CHECK(gap_text(7) == "100-300");
}

TEST_CASE("Every step type and relation has a name of its own", "[core]")
{
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < step_types; ++i) names.insert(name(static_cast<StepType>(i)));
    for (std::size_t i = 0; i < relations; ++i) names.insert(name(static_cast<Relation>(i)));
    CHECK(names.size() == step_types + relations);
    CHECK(!names.contains("invalid"));
    CHECK(name(static_cast<StepType>(step_types)) == "invalid");
}

TEST_CASE("What constraints name is a step type, but for logins and waits", "[core]")
{
    CHECK(step_type(*observed_moment("close")) == StepType::close);
    CHECK(step_type(*observed_moment("upgrade_sent")) == StepType::upgrade);
    CHECK(step_type(*observed_moment("first_event")) == StepType::first_event);
    CHECK(step_type(*observed_moment("event:2")) == StepType::later_event);
    CHECK(step_type(*observed_moment("completed")) == StepType::terminal_event);
    CHECK(step_type(*observed_moment("ended")) == StepType::ended);
    CHECK(!step_type(*observed_moment("login")));
    CHECK(!step_type(*held_moment("await_events")));
}

TEST_CASE("A table knows how many of its cells are hit, and when nothing new comes any more", "[core]")
{
    CoverageTable table{.executions = 10, .since_new = 4, .plateau_after = 5, .pairs = {}};
    table.pairs.push_back({.pair = {}, .hits = {0, 3, 0, 0, 1, 0, 0, 0}});
    table.pairs.push_back({.pair = {}, .hits = {}});
    CHECK(table.feasible() == 16);
    CHECK(table.hit() == 2);
    CHECK(!table.is_plateau());
    table.since_new = 5;
    CHECK(table.is_plateau());
}
