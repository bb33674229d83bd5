#include "core/step_spec.hpp"
#include "support/judging.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::test;

namespace {

// A run that is cut after its start, and the connection that follows.
struct Cut {
    HistoryBuilder history;
    ConnectionBuilder next;

    Cut() : next(history.user(1, 0, 1))
    {
        history.login(1);
        history.user(1).opens().request(0).event(FrameType::agent_started).drops();
        next.at(100).opens().answers(0);
    }

    ConnectionBuilder& rest()
    {
        return next.event(FrameType::agent_thinking, "1")
            .flagged(Flag::recovered)
            .event(FrameType::tool_executing, "x")
            .event(FrameType::tool_completed, "x")
            .event(FrameType::agent_completed);
    }
};

} // namespace

TEST_CASE("A run whose rest arrives on the new connection is whole")
{
    Cut cut;
    cut.rest().closes();
    const auto result = ask("reconnect", cut.history);
    CHECK(result.verdict == Verdict::pass);
    CHECK(result.sample_size == 1);
    CHECK(failing(cut.history.build()).empty());
    CHECK(ask("five_events", cut.history).sample_size == 1);
    CHECK(ask("exactly_once", cut.history).sample_size == 1);
}

TEST_CASE("A run that says it failed after a drop is an honest answer")
{
    Cut cut;
    SECTION("agent_error") { cut.next.event(FrameType::agent_error); }
    SECTION("an error_message that names the run") { cut.next.event(FrameType::error_message); }
    cut.next.awaits().closes();
    const auto result = ask("reconnect", cut.history);
    CHECK(result.verdict == Verdict::pass);
    CHECK(result.sample_size == 1);
}

TEST_CASE("An error_message that names no run explains nothing")
{
    Cut cut;
    cut.next.bare(FrameType::error_message).awaits(Outcome::timeout).closes();
    CHECK(signatures(ask("reconnect", cut.history)) == Signatures{"rest never came"});
}

TEST_CASE("reconnect finds a rest that never comes")
{
    Cut cut;
    SECTION("nothing at all")
    {
        cut.next.awaits(Outcome::timeout).closes();
        CHECK(signatures(ask("reconnect", cut.history)) == Signatures{"rest never came"});
    }
    SECTION("a part of it")
    {
        cut.next.event(FrameType::agent_thinking, "1").awaits(Outcome::timeout).closes();
        CHECK(signatures(ask("reconnect", cut.history)) ==
              Signatures{"rest broke off on the new connection"});
    }
    SECTION("though nobody awaited it")
    {
        cut.next.at(31'000).closes();
        CHECK(signatures(ask("reconnect", cut.history)) == Signatures{"rest never came"});
    }
    SECTION("and nobody waits for it any more when the next connection is dropped, too")
    {
        cut.next.awaits(Outcome::timeout).drops();
        cut.history.user(1, 0, 2).at(40'000).opens().closes();
        CHECK(signatures(ask("reconnect", cut.history)) == Signatures{"rest never came"});
    }
    SECTION("because another tab got it")
    {
        cut.next.awaits(Outcome::timeout).closes();
        cut.history.user(1, 1)
            .at(0)
            .opens()
            .at(200)
            .bare(FrameType::agent_thinking)
            .carries({UserId{1}, SlotId{0}, 0}, "/payload/reasoning");
        CHECK(signatures(ask("reconnect", cut.history)) == Signatures{"rest went to another connection"});
    }
}

TEST_CASE("reconnect does not judge what nobody waited for")
{
    Cut cut;
    SECTION("closed again soon") { cut.next.closes(); }
    SECTION("dropped again soon") { cut.next.drops(); }
    const auto result = ask("reconnect", cut.history);
    CHECK(result.verdict == Verdict::skipped);
    HistoryBuilder gone;
    gone.user(1).opens().request(0).event(FrameType::agent_started).drops();
    CHECK(ask("reconnect", gone).verdict == Verdict::skipped);
    CHECK(failing(gone.build()).empty());
}

TEST_CASE("reconnect finds a rest that is not whole, not once or not in order")
{
    Cut cut;
    SECTION("an event is lost")
    {
        cut.next.event(FrameType::tool_executing, "x").event(FrameType::tool_completed, "x");
        cut.next.event(FrameType::agent_completed).closes();
        CHECK(signatures(ask("reconnect", cut.history)) == Signatures{"rest without agent_thinking"});
    }
    SECTION("what had arrived comes again")
    {
        cut.next.event(FrameType::agent_started).flagged(Flag::recovered);
        cut.rest().closes();
        CHECK(signatures(ask("reconnect", cut.history)) ==
              Signatures{"agent_started again after the drop (recovered)"});
        CHECK(ask("exactly_once", cut.history).verdict == Verdict::fail);
    }
    SECTION("a replayed event comes behind a live one")
    {
        cut.next.event(FrameType::tool_executing, "x");
        cut.next.event(FrameType::agent_thinking, "1").stamped(20'000).flagged(Flag::recovered);
        cut.next.event(FrameType::tool_completed, "x").event(FrameType::agent_completed).closes();
        CHECK(signatures(ask("reconnect", cut.history)) ==
              Signatures{"agent_thinking out of order after the drop (recovered)"});
    }
    SECTION("something comes behind the end")
    {
        cut.rest().event(FrameType::agent_thinking, "2").closes();
        CHECK(signatures(ask("reconnect", cut.history)) ==
              Signatures{"agent_thinking after the end, after the drop"});
    }
}

TEST_CASE("What was under way when the connection was dropped is neither missing nor a first delivery")
{
    HistoryBuilder history;
    history.login(1);
    auto dropped = history.user(1).opens().request(0).event(FrameType::agent_started).drops();
    dropped.event(FrameType::agent_thinking, "1").flagged(Flag::after_end);
    auto next = history.user(1, 0, 1).at(100).opens().answers(0);
    SECTION("a target that took it for delivered") {}
    SECTION("a target that sends it again")
    {
        next.event(FrameType::agent_thinking, "1").flagged(Flag::recovered);
    }
    next.event(FrameType::tool_executing, "x").event(FrameType::tool_completed, "x");
    next.event(FrameType::agent_completed).closes();
    CHECK(failing(history.build()).empty());
    CHECK(ask("reconnect", history).sample_size == 1);
}

TEST_CASE("One half of a tool call may have been under way when the connection was dropped")
{
    HistoryBuilder history;
    history.login(1);
    auto dropped = history.user(1).opens().request(0).event(FrameType::agent_started);
    dropped.event(FrameType::agent_thinking, "1");
    auto next = history.user(1, 0, 1).at(100);
    SECTION("its end")
    {
        dropped.event(FrameType::tool_executing, "x").drops();
        dropped.event(FrameType::tool_completed, "x").flagged(Flag::after_end);
        next.opens().answers(0);
    }
    SECTION("its end, which the target sends again")
    {
        dropped.event(FrameType::tool_executing, "x").drops();
        dropped.event(FrameType::tool_completed, "x").flagged(Flag::after_end);
        next.opens().answers(0).event(FrameType::tool_completed, "x").flagged(Flag::recovered);
    }
    SECTION("its begin")
    {
        dropped.event(FrameType::tool_executing, "y").event(FrameType::tool_completed, "y").drops();
        dropped.event(FrameType::tool_executing, "x").flagged(Flag::after_end);
        next.opens().answers(0).event(FrameType::tool_completed, "x");
    }
    next.event(FrameType::agent_completed).closes();
    CHECK(failing(history.build()).empty());
}

TEST_CASE("A tool call of which the other half was another call's is not whole")
{
    HistoryBuilder history;
    history.login(1);
    auto dropped = history.user(1).opens().request(0).event(FrameType::agent_started);
    dropped.event(FrameType::agent_thinking, "1").event(FrameType::tool_executing, "x").drops();
    dropped.event(FrameType::tool_completed, "y").flagged(Flag::after_end);
    auto next = history.user(1, 0, 1).at(100).opens().answers(0);
    next.event(FrameType::tool_completed, "z").event(FrameType::agent_completed).closes();
    CHECK(signatures(ask("tool_pairing", history)) ==
          Signatures{"tool_executing without tool_completed", "tool_completed without tool_executing"});
}

TEST_CASE("A run whose end was under way when the connection was dropped has ended")
{
    HistoryBuilder history;
    history.login(1);
    auto dropped = history.user(1).opens().request(0).event(FrameType::agent_started).drops();
    dropped.event(FrameType::agent_thinking, "1").flagged(Flag::after_end);
    dropped.event(FrameType::tool_executing, "x").flagged(Flag::after_end);
    dropped.event(FrameType::tool_completed, "x").flagged(Flag::after_end);
    SECTION("by agent_completed")
    {
        dropped.event(FrameType::agent_completed).flagged(Flag::after_end);
        history.user(1, 0, 1).at(100).opens().awaits().closes();
        CHECK(failing(history.build()).empty());
    }
    SECTION("or not at all")
    {
        history.user(1, 0, 1).at(100).opens().awaits(Outcome::timeout).closes();
        CHECK(signatures(ask("reconnect", history)) == Signatures{"rest never came"});
    }
}

TEST_CASE("reconnect finds a reopened connection that gets nothing")
{
    HistoryBuilder history;
    history.user(1).opens().run(0).drops();
    auto reopened = history.user(1, 0, 1).at(100).opens();
    SECTION("nothing")
    {
        reopened.request(1).awaits(Outcome::timeout).closes();
        CHECK(signatures(ask("reconnect", history)) == Signatures{"nothing on the reopened connection"});
    }
    SECTION("all it asked for")
    {
        reopened.run(1).closes();
        CHECK(ask("reconnect", history).verdict == Verdict::pass);
        CHECK(ask("reconnect", history).sample_size == 1);
    }
    SECTION("after a close, which is not a drop")
    {
        HistoryBuilder closed;
        closed.user(1).opens().run(0).closes();
        closed.user(1, 0, 1).at(100).opens().request(1).awaits(Outcome::timeout).closes();
        CHECK(ask("reconnect", closed).verdict == Verdict::skipped);
    }
}

TEST_CASE("Of a connection that only fell silent, or that still receives, the target owes no rest")
{
    const auto ending = GENERATE(Ending::fin, Ending::reset, Ending::half_close, Ending::silence);
    HistoryBuilder history;
    auto cut = history.user(1).opens().request(0).event(FrameType::agent_started);
    cut.step(StepKind::drop, Outcome::ok, static_cast<int>(ending)).ends(EndKind::we_dropped);
    history.user(1, 0, 1).at(100).opens().awaits(Outcome::timeout).closes();
    const bool noticed = ending == Ending::fin || ending == Ending::reset;
    CHECK((ask("reconnect", history).verdict == Verdict::fail) == noticed);
}

TEST_CASE("A late end of an older connection is not the end of what was asked on a newer one")
{
    HistoryBuilder history;
    history.user(1).opens().run(0);
    history.user(1, 0, 1).at(100).opens().request(1).event(FrameType::agent_started);
    history.user(1).at(120).ends(EndKind::reset);
    history.quiet_until(40'000);
    CHECK(signatures(ask("five_events", history)) ==
          Signatures{"no agent_thinking, tool_executing, tool_completed, agent_completed"});
    CHECK(ask("acknowledged", history).verdict == Verdict::fail);
}

TEST_CASE("Time without a connection is not the target's")
{
    HistoryBuilder history;
    history.user(1).opens().request(0).event(FrameType::agent_started).drops();
    auto next = history.user(1, 0, 1).at(40'000).opens().answers(0);
    next.event(FrameType::agent_thinking, "1").event(FrameType::tool_executing, "x");
    next.event(FrameType::tool_completed, "x").event(FrameType::agent_completed).closes();
    CHECK(failing(history.build()).empty());

    HistoryBuilder slow;
    slow.user(1).opens().request(0).event(FrameType::agent_started).drops();
    auto late = slow.user(1, 0, 1).at(100).opens().answers(0).at(40'000);
    late.event(FrameType::agent_thinking, "1").event(FrameType::tool_executing, "x");
    late.event(FrameType::tool_completed, "x").event(FrameType::agent_completed).closes();
    CHECK(failing(slow.build()) == std::set<std::string>{"five_events", "liveness"});
}

TEST_CASE("A resumed run that the target then kills is lost to it")
{
    Cut cut;
    cut.next.event(FrameType::agent_thinking, "1").ends(EndKind::peer_closed, 1000);
    CHECK(signatures(ask("close_codes", cut.history)) == Signatures{"1000 while a run was going on"});
    CHECK(ask("five_events", cut.history).verdict == Verdict::fail);
}
