#include "support/judging.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::test;

TEST_CASE("A run with all five events passes every check about runs")
{
    HistoryBuilder history;
    history.user(1).opens().run(0).run(1).awaits().closes();
    for (const auto* id : {"five_events", "exactly_once", "event_order", "acknowledged", "liveness"}) {
        const auto result = ask(id, history);
        CAPTURE(id);
        CHECK(result.verdict == Verdict::pass);
        CHECK(result.sample_size == 2);
    }
    CHECK(ask("tool_pairing", history).sample_size == 2);
}

TEST_CASE("five_events names what never came")
{
    HistoryBuilder history;
    auto user = history.user(1).opens().request(0);
    SECTION("nothing at all")
    {
        user.at(30010).awaits(Outcome::timeout).closes();
        CHECK(signatures(ask("five_events", history)) == Signatures{"nothing at all"});
        CHECK(signatures(ask("liveness", history)) == Signatures{"hang: no event at all"});
        CHECK(ask("acknowledged", history).verdict == Verdict::inconclusive);
    }
    SECTION("no tools")
    {
        user.event(FrameType::agent_started)
            .event(FrameType::agent_thinking)
            .event(FrameType::agent_completed);
        CHECK(signatures(ask("five_events", history)) == Signatures{"no tool_executing, tool_completed"});
        CHECK(ask("tool_pairing", history).verdict == Verdict::inconclusive);
    }
    SECTION("the run failed")
    {
        user.event(FrameType::agent_started).event(FrameType::agent_error);
        CHECK(signatures(ask("five_events", history)) ==
              Signatures{
                  "no agent_thinking, tool_executing, tool_completed, agent_completed; the run ended with "
                  "agent_error"});
        Expectations expectations;
        expectations.failed_runs_allowed = true;
        CHECK(ask("five_events", history, expectations).verdict == Verdict::pass);
    }
    SECTION("refused by an error message")
    {
        user.bare(FrameType::error_message);
        CHECK(signatures(ask("five_events", history)) ==
              Signatures{"nothing at all; refused by an error_message"});
        CHECK(ask("liveness", history).verdict == Verdict::pass);
    }
    SECTION("the target closed the connection")
    {
        user.event(FrameType::agent_started).ends(EndKind::peer_closed, 1011);
        CHECK(
            signatures(ask("five_events", history)) ==
            Signatures{
                "no agent_thinking, tool_executing, tool_completed, agent_completed; the target closed with "
                "1011"});
        CHECK(ask("liveness", history).verdict == Verdict::pass);
        CHECK(ask("acknowledged", history).verdict == Verdict::inconclusive);
    }
    SECTION("everything, but too late")
    {
        user.at(30020).five_events();
        CHECK(signatures(ask("five_events", history)) ==
              Signatures{
                  "late agent_started, agent_thinking, tool_executing, tool_completed, agent_completed"});
    }
}

TEST_CASE("Runs that the harness cut off, stopped or did not watch long enough are not judged by five_events")
{
    HistoryBuilder history;
    auto user = history.user(1).opens().request(0).event(FrameType::agent_started);
    SECTION("dropped") { user.drops(); }
    SECTION("closed") { user.closes(); }
    SECTION("stopped") { user.stop(0).event(FrameType::agent_completed).flagged(Flag::failed_status); }
    SECTION("the history ends before the deadline") { history.quiet_until(1000); }
    SECTION("the target was killed by us")
    {
        user.ends(EndKind::eof);
        history.life_cycle(10, LifeCycle::terminating, 9).life_cycle(200, LifeCycle::killed, 9);
    }
    const auto result = ask("five_events", history);
    CHECK(result.verdict == Verdict::inconclusive);
    CHECK_FALSE(result.reason.empty());
}

TEST_CASE("Closing a connection after waiting in vain is no excuse for the target")
{
    HistoryBuilder history;
    history.user(1)
        .opens()
        .request(0)
        .event(FrameType::agent_started)
        .after(500)
        .awaits(Outcome::timeout)
        .closes();
    CHECK(failing(history.build()) == std::set<std::string>{"five_events", "acknowledged", "liveness"});
}

TEST_CASE("A run may go on where the slot is connected again")
{
    HistoryBuilder history;
    history.user(1)
        .opens()
        .request(0)
        .event(FrameType::agent_started)
        .event(FrameType::agent_thinking, "1")
        .drops();
    history.user(1, 0, 1)
        .at(100)
        .opens()
        .answers(0)
        .event(FrameType::tool_executing, "x")
        .event(FrameType::tool_completed, "x")
        .event(FrameType::agent_completed)
        .run(1)
        .closes();
    CHECK(failing(history.build()).empty());
    CHECK(ask("five_events", history).sample_size == 2);
}

TEST_CASE("Frames without a canary are attributed by their run id, else to the only open request")
{
    HistoryBuilder history;
    auto user = history.user(1).opens().request(0).event(FrameType::agent_started).request(1);
    user.event(FrameType::agent_started);
    for (const auto* run : {"run-1-0-0", "run-1-0-1"})
        user.bare(FrameType::agent_thinking, run)
            .bare(FrameType::tool_executing, run)
            .bare(FrameType::tool_completed, run);
    user.bare(FrameType::agent_completed, "run-1-0-1");
    SECTION("by the only one that is still open") { user.bare(FrameType::agent_completed); }
    SECTION("by its run id") { user.bare(FrameType::agent_completed, "run-1-0-0"); }
    CHECK(failing(history.build()).empty());
}

TEST_CASE("exactly_once finds each second delivery")
{
    HistoryBuilder history;
    auto user = history.user(1).opens().run(0);
    SECTION("completed twice")
    {
        user.event(FrameType::agent_completed);
        CHECK(signatures(ask("exactly_once", history)) == Signatures{"agent_completed twice"});
        CHECK(ask("exactly_once", history).violations[0].evidence.size() == 2);
        CHECK(ask("event_order", history).verdict == Verdict::pass);
    }
    SECTION("completed, then failed")
    {
        user.event(FrameType::agent_error);
        CHECK(signatures(ask("exactly_once", history)) == Signatures{"agent_error twice"});
    }
    SECTION("a replay of what had arrived")
    {
        user.event(FrameType::tool_executing, "x-run-1-0-0").flagged(Flag::recovered);
        CHECK(signatures(ask("exactly_once", history)) == Signatures{"tool_executing twice (recovered)"});
    }
    SECTION("started twice")
    {
        user.event(FrameType::agent_started);
        CHECK(signatures(ask("exactly_once", history)) == Signatures{"agent_started twice"});
    }
}

TEST_CASE("The same tool used twice without execution ids is not a repetition")
{
    HistoryBuilder history;
    auto user =
        history.user(1).opens().request(0).event(FrameType::agent_started).event(FrameType::agent_thinking);
    for (int i = 0; i < 2; ++i) {
        user.event(FrameType::agent_thinking);
        user.event(FrameType::tool_executing, "search").flagged(Flag::item_is_tool);
        user.event(FrameType::tool_completed, "search").flagged(Flag::item_is_tool);
    }
    user.event(FrameType::agent_completed);
    CHECK(failing(history.build()).empty());
    CHECK(ask("tool_pairing", history).sample_size == 2);
}

TEST_CASE("event_order finds what is out of place, and timestamps that are wrong")
{
    HistoryBuilder history;
    auto user = history.user(1).opens().request(0);
    SECTION("before the start")
    {
        user.event(FrameType::agent_thinking, "0").five_events();
        CHECK(signatures(ask("event_order", history)) == Signatures{"agent_thinking before agent_started"});
    }
    SECTION("after the end")
    {
        user.five_events().event(FrameType::agent_thinking, "9");
        CHECK(signatures(ask("event_order", history)) == Signatures{"agent_thinking after agent_completed"});
    }
    SECTION("after the end, attributed by the connection alone")
    {
        user.five_events().bare(FrameType::agent_thinking);
        CHECK(signatures(ask("event_order", history)) == Signatures{"agent_thinking after agent_completed"});
    }
    SECTION("a timestamp that goes back")
    {
        user.event(FrameType::agent_started).event(FrameType::agent_thinking).stamped(1);
        CHECK(signatures(ask("event_order", history)) == Signatures{"timestamp goes back at agent_thinking"});
    }
    SECTION("a timestamp of the year 9999, and one of today")
    {
        user.event(FrameType::agent_started).stamped(253'402'300'799'000'000);
        user.event(FrameType::agent_thinking).stamped(1'767'225'600'000'000);
        const auto found = ask("event_order", history);
        REQUIRE(signatures(found) == Signatures{"timestamp goes back at agent_thinking"});
        CHECK(found.violations[0].expected.find("1.54e+08 min later") != std::string::npos);
    }
    SECTION("a timestamp that does not parse")
    {
        user.event(FrameType::agent_started).flagged(Flag::bad_timestamp);
        CHECK(signatures(ask("event_order", history)) ==
              Signatures{"agent_started has a timestamp that does not parse"});
    }
    SECTION("no timestamps at all are nobody's fault")
    {
        user.event(FrameType::agent_started)
            .stamped(no_stamp)
            .event(FrameType::agent_completed)
            .stamped(no_stamp);
        CHECK(ask("event_order", history).verdict == Verdict::pass);
    }
}

TEST_CASE("tool_pairing holds each execution to its own completion")
{
    HistoryBuilder history;
    auto user = history.user(1).opens().request(0).event(FrameType::agent_started);
    SECTION("never completed")
    {
        user.event(FrameType::tool_executing, "a").event(FrameType::tool_executing, "b");
        user.event(FrameType::tool_completed, "b").event(FrameType::agent_completed);
        const auto result = ask("tool_pairing", history);
        CHECK(signatures(result) == Signatures{"tool_executing without tool_completed"});
        CHECK(result.sample_size == 2);
    }
    SECTION("never executed")
    {
        user.event(FrameType::tool_executing, "a").event(FrameType::tool_completed, "a");
        user.event(FrameType::tool_completed, "b").event(FrameType::agent_completed);
        CHECK(signatures(ask("tool_pairing", history)) ==
              Signatures{"tool_completed without tool_executing"});
    }
    SECTION("the wrong way round")
    {
        user.event(FrameType::tool_completed, "a").event(FrameType::tool_executing, "a");
        user.event(FrameType::agent_completed);
        CHECK(signatures(ask("tool_pairing", history)) == Signatures{"tool_completed before tool_executing"});
    }
    SECTION("by name, twice executed and once completed")
    {
        user.event(FrameType::tool_executing, "search").flagged(Flag::item_is_tool);
        user.event(FrameType::tool_executing, "search").flagged(Flag::item_is_tool);
        user.event(FrameType::tool_completed, "search").flagged(Flag::item_is_tool);
        user.event(FrameType::agent_completed);
        CHECK(signatures(ask("tool_pairing", history)) ==
              Signatures{"tool_executing without tool_completed"});
    }
    SECTION("a run that failed may leave a tool behind")
    {
        user.event(FrameType::tool_executing, "a").event(FrameType::agent_error);
        CHECK(ask("tool_pairing", history).verdict == Verdict::pass);
    }
}

TEST_CASE("An acknowledged request that falls silent is a finding of acknowledged")
{
    HistoryBuilder history;
    auto user = history.user(1).opens().request(0);
    SECTION("after an acknowledgement") { user.bare(FrameType::acknowledgement); }
    SECTION("after its first event") { user.event(FrameType::agent_started); }
    history.quiet_until(40000);
    const auto result = ask("acknowledged", history);
    REQUIRE(result.violation_count == 1);
    CHECK(result.violations[0].signature.starts_with("acknowledged: silence after"));
}

TEST_CASE("liveness tells slowness from a hang")
{
    HistoryBuilder history;
    auto user = history.user(1).opens().request(0);
    SECTION("slow first event")
    {
        user.after(6000).five_events();
        CHECK(signatures(ask("liveness", history)) == Signatures{"slow: first event"});
    }
    SECTION("slow gap")
    {
        user.event(FrameType::agent_started).after(6000).event(FrameType::agent_completed);
        CHECK(signatures(ask("liveness", history)) == Signatures{"slow: gap before agent_completed"});
    }
    SECTION("slow end")
    {
        user.event(FrameType::agent_started);
        for (int i = 1; i <= 8; ++i) user.after(4000).event(FrameType::agent_thinking, std::to_string(i));
        user.event(FrameType::agent_completed);
        CHECK(signatures(ask("liveness", history)) == Signatures{"slow: terminal event"});
    }
    SECTION("no end, though events go on")
    {
        user.event(FrameType::agent_started);
        for (int i = 1; i <= 8; ++i) user.after(4000).event(FrameType::agent_thinking, std::to_string(i));
        CHECK(signatures(ask("liveness", history)) == Signatures{"slow: no end of the run"});
    }
    SECTION("hang")
    {
        user.event(FrameType::agent_started);
        history.quiet_until(6000);
        CHECK(signatures(ask("liveness", history)) == Signatures{"hang after agent_started"});
    }
    SECTION("stop honoured late")
    {
        user.event(FrameType::agent_started).stop(0).after(2500).event(FrameType::agent_completed);
        CHECK(signatures(ask("liveness", history)) == Signatures{"slow: stop_agent"});
    }
    SECTION("stop ignored")
    {
        user.event(FrameType::agent_started).stop(0);
        history.quiet_until(4000);
        CHECK(signatures(ask("liveness", history)) == Signatures{"hang: stop_agent ignored"});
    }
}

TEST_CASE("A pong must come within its own deadline, also during a run")
{
    HistoryBuilder history;
    auto user = history.user(1).opens();
    SECTION("in time")
    {
        user.request(0).ping().pong().five_events();
        const auto result = ask("liveness", history);
        CHECK(result.verdict == Verdict::pass);
        CHECK(result.sample_size == 2);
        CHECK(result.sample_unit == "runs and pings");
    }
    SECTION("late during a run")
    {
        user.request(0).event(FrameType::agent_started).ping().after(2000).pong(Outcome::timeout);
        user.bare(FrameType::pong).event(FrameType::agent_completed);
        CHECK(signatures(ask("liveness", history)) == Signatures{"slow: pong during a run"});
    }
    SECTION("never, between runs")
    {
        user.ping().after(2000).pong(Outcome::timeout);
        CHECK(signatures(ask("liveness", history)) == Signatures{"hang: ping unanswered"});
    }
    SECTION("the connection ended first, which is for close_codes")
    {
        user.ping().pong(Outcome::closed).ends(EndKind::peer_closed, 1011);
        CHECK(ask("liveness", history).verdict == Verdict::inconclusive);
    }
}
