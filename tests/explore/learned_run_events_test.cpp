#include "explore/learned_run_events.hpp"

#include "support/history_builder.hpp"
#include "support/source_folder.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::test;

namespace {

using Types = std::vector<FrameType>;
constexpr auto started = FrameType::agent_started;
constexpr auto thinking = FrameType::agent_thinking;
constexpr auto executing = FrameType::tool_executing;
constexpr auto executed = FrameType::tool_completed;
constexpr auto completed = FrameType::agent_completed;

// One user after the other, each with one run of these events.
History runs_of(const std::vector<Types>& runs)
{
    HistoryBuilder history;
    std::uint32_t number = 0;
    for (const auto& types : runs) {
        auto user = history.user(number).at(number * 1000).opens().request(0);
        for (const FrameType type : types) user.event(type);
        user.closes();
        ++number;
    }
    return history.build();
}

RunEvents learned(const std::vector<Types>& runs)
{
    LearnedRunEvents events;
    events.add(runs_of(runs));
    return events.result();
}

} // namespace

TEST_CASE("What every run has is learned, and the order of the first events of each type", "[explore]")
{
    const auto events = learned({{started, thinking, completed}, {started, thinking, thinking, completed}});
    CHECK(events.types == Types{started, thinking, completed});
    CHECK(events.order == pairs_of({{started, thinking, completed}}));
    CHECK(events.learned_from == 2);
    CHECK_FALSE(events.declared());
    CHECK_FALSE(events.to_be_learned);
    CHECK(describe(events) ==
          "learned from 2 runs: agent_started, agent_thinking, agent_completed, in this order");
}

TEST_CASE("What some runs lack is not expected, whichever comes first", "[explore]")
{
    const Types with{started, executing, executed, completed};
    const Types without{started, completed};
    for (const auto& runs : {std::vector<Types>{with, without}, std::vector<Types>{without, with}}) {
        const auto events = learned(runs);
        CHECK(events.types == without);
        CHECK(events.order == pairs_of({without}));
    }
}

TEST_CASE("An order that was not the same in all runs is not expected", "[explore]")
{
    const auto events =
        learned({{started, thinking, executing, completed}, {started, executing, thinking, completed}});
    CHECK(events.types == Types{started, thinking, executing, completed});
    CHECK(events.order == pairs_of({{started, thinking, completed}, {started, executing, completed}}));
    CHECK_THAT(describe(events), Catch::Contains("agent_started before agent_thinking") &&
                                     !Catch::Contains("agent_thinking before tool_executing"));
}

TEST_CASE("The order is the target's, not the protocol's", "[explore]")
{
    const auto events = learned({{thinking, started, completed}});
    CHECK(events.order == pairs_of({{thinking, started, completed}}));
    CHECK(describe(events) ==
          "learned from 1 run: agent_thinking, agent_started, agent_completed, in this order");
}

TEST_CASE("Runs of several histories count together", "[explore]")
{
    LearnedRunEvents events;
    events.add(runs_of({{started, thinking, completed}}));
    events.add(runs_of({}));
    events.add(runs_of({{started, completed}, {started, completed}}));
    CHECK(events.result().types == Types{started, completed});
    CHECK(events.result().learned_from == 3);
}

TEST_CASE("Runs that were not completed teach nothing", "[explore]")
{
    HistoryBuilder history;
    auto user = history.user(0).opens().request(0).event(started);
    SECTION("without an end") { user.closes(); }
    SECTION("failed") { user.event(FrameType::agent_error).closes(); }
    SECTION("with a failed status") { user.event(completed).flagged(Flag::failed_status).closes(); }
    SECTION("stopped") { user.stop(0).event(completed).closes(); }
    SECTION("on two connections, between which events may have been lost")
    {
        user.drops();
        history.user(0, 0, 1).at(100).opens().answers(0).event(completed).closes();
    }
    LearnedRunEvents events;
    events.add(history.build());
    CHECK(events.result() == RunEvents::not_yet_learned());
    events.add(runs_of({{started, thinking, completed}}));
    CHECK(events.result().types == Types{started, thinking, completed});
    CHECK(events.result().learned_from == 1);
}

TEST_CASE("A scenario with what was learned can be kept and read again, and is another one", "[explore]")
{
    const auto loaded = load_scenario(source_folder() / "scenarios" / "golden_path.json");
    REQUIRE(loaded.scenario);
    const auto events = learned({{thinking, started, completed}, {started, thinking, completed}});
    const auto changed = with_run_events(*loaded.scenario, events);
    CHECK(changed.expectations.run_events == events);
    CHECK(changed.digest != loaded.scenario->digest);
    const auto again = parse_scenario(changed.canonical, "again", ".");
    REQUIRE(again.scenario);
    CHECK(again.scenario->expectations.run_events == events);
    CHECK(with_run_events(*loaded.scenario, RunEvents::not_yet_learned()).digest == loaded.scenario->digest);
}
