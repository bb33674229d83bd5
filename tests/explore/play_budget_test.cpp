#include "explore/play_budget.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;

TEST_CASE("A budget counts void executions, and plays them again", "[explore]")
{
    PlayBudget budget{{.plays = 10, .voids_in_a_row = 3, .out_of_time = {}}};
    int plays = 0;
    const auto failed = budget.play([&plays] { return ++plays < 3 ? Played::voided : Played::failed; });
    REQUIRE(failed);
    CHECK(*failed);
    CHECK(budget.plays() == 3);
    CHECK(budget.voided() == 2);
    CHECK(budget.left() == 7);
}

TEST_CASE("Too many void executions in a row say nothing, and the budget goes on", "[explore]")
{
    PlayBudget budget{{.plays = 10, .voids_in_a_row = 3, .out_of_time = {}}};
    CHECK_FALSE(budget.play([] { return Played::voided; }));
    CHECK(budget.plays() == 3);
    CHECK_FALSE(budget.used_up());
    CHECK(budget.play([] { return Played::passed; }) == false);
}

TEST_CASE("A budget ends with its plays, those kept back come back, and no budget plays nothing", "[explore]")
{
    PlayBudget budget{{.plays = 3, .voids_in_a_row = 9, .out_of_time = {}}};
    budget.keep_back(1);
    CHECK(budget.play([] { return Played::passed; }));
    CHECK(budget.play([] { return Played::passed; }));
    CHECK_FALSE(budget.play([] { return Played::passed; }));
    CHECK(budget.used_up());
    budget.keep_back(0);
    CHECK(budget.play([] { return Played::passed; }));
    CHECK_FALSE(budget.play([] { return Played::passed; }));

    PlayBudget none{{.plays = 0, .voids_in_a_row = 9, .out_of_time = {}}};
    int plays = 0;
    CHECK_FALSE(none.play([&plays] {
        ++plays;
        return Played::failed;
    }));
    CHECK(plays == 0);
}

TEST_CASE("Time that was up stays up", "[explore]")
{
    int asked = 0;
    PlayBudget budget{{.plays = 10, .voids_in_a_row = 9, .out_of_time = [&asked] { return ++asked == 2; }}};
    CHECK(budget.play([] { return Played::passed; }));
    CHECK_FALSE(budget.play([] { return Played::passed; }));
    CHECK_FALSE(budget.play([] { return Played::passed; }));
    CHECK(budget.plays() == 1);
}
