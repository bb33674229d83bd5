#include "support/judging.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::test;

namespace {

// Two tabs of user 1, both open and idle from 200 ms on.
HistoryBuilder two_tabs()
{
    HistoryBuilder history;
    history.user(1, 0).opens().run(0);
    history.user(1, 1).opens().run(0);
    return history;
}

} // namespace

TEST_CASE("A connection that we close and the target answers is no finding of close_codes")
{
    HistoryBuilder history;
    history.user(1).opens().run(0).closes();
    const auto result = ask("close_codes", history);
    CHECK(result.verdict == Verdict::pass);
    CHECK(result.sample_size == 1);
    CHECK(result.sample_unit == "connections");
}

TEST_CASE("Each way in which a target may end a connection badly has a signature of its own")
{
    HistoryBuilder history;
    SECTION("1011 during a run")
    {
        history.user(1)
            .opens()
            .request(0)
            .event(FrameType::agent_started)
            .ends(EndKind::peer_closed, 1011, "oops");
        const auto result = ask("close_codes", history);
        CHECK(signatures(result) == Signatures{"1011 while a run was going on"});
        CHECK(result.violations[0].request == 0);
        CHECK(result.violations[0].message.find("reason: oops") != std::string::npos);
        CHECK(result.violations[0].evidence.size() == 3);
        CHECK(result.affected_users == std::vector<UserId>{UserId{1}});
    }
    SECTION("1011 between runs")
    {
        history.user(1).opens().run(0).ends(EndKind::peer_closed, 1011);
        CHECK(signatures(ask("close_codes", history)) == Signatures{"1011 between runs"});
    }
    SECTION("1011 in answer to our close")
    {
        history.user(1).opens().run(0).closes(1011);
        CHECK(signatures(ask("close_codes", history)) == Signatures{"1011 after our close"});
    }
    SECTION("no close frame")
    {
        history.user(1).opens().ends(EndKind::eof);
        history.user(2).opens().at(100).ends(EndKind::reset);
        CHECK(signatures(ask("close_codes", history)) ==
              Signatures{"1006 (end of file) between runs", "1006 (reset) between runs"});
    }
    SECTION("1000 in the middle of a run, and without a welcome")
    {
        history.user(1).opens().request(0).ends(EndKind::peer_closed, 1000);
        history.user(2).connects().at(100).ends(EndKind::peer_closed, 1000);
        CHECK(signatures(ask("close_codes", history)) ==
              Signatures{"1000 while a run was going on", "1000 without a welcome"});
    }
    SECTION("an application code, an unannounced 1001, a protocol error, our close not answered")
    {
        history.user(1).opens().at(100).ends(EndKind::peer_closed, 4001);
        history.user(2).opens().at(101).ends(EndKind::peer_closed, 1001);
        history.user(3).opens().at(102).ends(EndKind::protocol_error, 0, "masked frame");
        history.user(4).opens().at(103).step(StepKind::close_sent).ends(EndKind::timeout);
        CHECK(signatures(ask("close_codes", history)) ==
              Signatures{"4001 between runs", "1001 between runs", "protocol error between runs",
                         "our close not answered after our close"});
    }
    SECTION("a subprotocol that was not offered")
    {
        history.user(1).connects().flagged(Flag::unoffered).welcome().closes();
        CHECK(signatures(ask("close_codes", history)) == Signatures{"unoffered subprotocol"});
    }
}

TEST_CASE("Ends that are explained are no finding of close_codes")
{
    HistoryBuilder history;
    Expectations expectations;
    SECTION("a normal close between runs, a restart, try again later")
    {
        history.user(1).opens().run(0).ends(EndKind::peer_closed, 1000);
        history.user(2).opens().ends(EndKind::peer_closed, 1012);
        history.user(3).opens().ends(EndKind::peer_closed, 1013);
    }
    SECTION("a code that the scenario expects")
    {
        expectations.expected_close_codes = {1001, 4001};
        history.user(1).opens().ends(EndKind::peer_closed, 4001);
    }
    SECTION("going away while the harness terminates the target")
    {
        history.user(1).opens().at(100).ends(EndKind::peer_closed, 1001);
        history.user(2).opens().at(100).ends(EndKind::eof);
        history.life_cycle(90, LifeCycle::terminating);
    }
    SECTION("a refusal after accept, which is for handshake to judge")
    {
        history.user(1).connects().ends(EndKind::peer_closed, 1008);
    }
    SECTION("our own drop") { history.user(1).opens().request(0).drops(); }
    CHECK(ask("close_codes", history, expectations).verdict == Verdict::pass);
}

TEST_CASE("Ends cut by an interruption are not judged")
{
    HistoryBuilder history;
    history.info().interrupted = true;
    history.user(1).opens().request(0).ends(EndKind::cancelled);
    for (const auto* id : {"close_codes", "five_events", "acknowledged", "liveness"})
        CHECK(ask(id, history).verdict == Verdict::inconclusive);
}

TEST_CASE("handshake keeps the ways to fail apart")
{
    HistoryBuilder history;
    history.login(1, Outcome::timeout);
    history.user(2).step(StepKind::tcp_connect, Outcome::refused);
    history.user(3).at(20).step(StepKind::tcp_connect).step(StepKind::tls, Outcome::tls_failed);
    history.user(4).at(30).refused(401);
    history.user(5).at(40).refused(500);
    history.user(6).at(50).refused(503);
    history.user(7).at(60).connects().step(StepKind::welcome, Outcome::timeout);
    history.user(8).at(70).connects().ends(EndKind::peer_closed, 1008);
    history.user(9).at(80).connects().ends(EndKind::peer_closed, 1013);
    CHECK(signatures(ask("handshake", history)) ==
          Signatures{"login: timeout", "tcp_connect: refused", "tls: tls_failed",
                     "upgrade_answered: HTTP 401", "upgrade_answered: HTTP 500",
                     "upgrade_answered: HTTP 503 without Retry-After", "no welcome",
                     "closed with 1008 after accept", "closed with 1013 after accept"});
}

TEST_CASE("A refusal in order whose retry gets in is no violation, a disorderly one is")
{
    HistoryBuilder history;
    history.user(1, 0, 1).at(500).opens().closes();
    SECTION("503 with Retry-After") { history.user(1).refused(503, "1"); }
    SECTION("429") { history.user(1).refused(429); }
    SECTION("port not open yet") { history.user(1).step(StepKind::tcp_connect, Outcome::refused); }
    SECTION("told to come back after accept") { history.user(1).connects().ends(EndKind::peer_closed, 1013); }
    CHECK(ask("handshake", history).verdict == Verdict::pass);
    history.user(2, 0, 0).refused(502);
    history.user(2, 0, 1).at(500).opens().closes();
    CHECK(signatures(ask("handshake", history)) == Signatures{"upgrade_answered: HTTP 502"});
}

TEST_CASE("A 101 or a welcome after its deadline is late even though it came")
{
    HistoryBuilder history;
    history.user(1)
        .step(StepKind::tcp_connect)
        .step(StepKind::upgrade_sent)
        .after(6000)
        .step(StepKind::upgrade_answered);
    history.user(2).connects().step(StepKind::welcome, Outcome::timeout).after(7000).bare(FrameType::welcome);
    CHECK(signatures(ask("handshake", history)) == Signatures{"101 late", "welcome late"});
}

TEST_CASE("The 101 and the welcome have a limit each, and may take all of it")
{
    struct Row {
        std::int64_t to_101, to_welcome;
        Signatures expected;
    };
    const auto row = GENERATE(values<Row>(
        {{4000, 2000, {}}, {4001, 10, {"101 late"}}, {10, 2001, {"welcome late"}}, {3000, 10, {}}}));
    Expectations expectations;
    expectations.deadlines.handshake = std::chrono::seconds{4};
    expectations.deadlines.welcome = std::chrono::seconds{2};
    HistoryBuilder history;
    auto user = history.user(1).at(0).step(StepKind::tcp_connect).at(0).step(StepKind::upgrade_sent);
    user.at(row.to_101).step(StepKind::upgrade_answered).at(row.to_101 + row.to_welcome).welcome();
    CHECK(signatures(ask("handshake", history, expectations)) == row.expected);
}

TEST_CASE("Attempts that the harness itself cut off are not judged by handshake")
{
    HistoryBuilder history;
    history.user(1)
        .step(StepKind::tcp_connect)
        .step(StepKind::drop)
        .step(StepKind::upgrade_sent, Outcome::skipped);
    history.user(2).step(StepKind::tcp_connect, Outcome::cancelled);
    CHECK(ask("handshake", history).verdict == Verdict::inconclusive);
}

TEST_CASE("A healthy tab that ends after another one was closed is a finding of tab_independence")
{
    auto history = two_tabs();
    history.user(1, 0).at(200).closes();
    SECTION("closed normally")
    {
        history.user(1, 1).at(210).ends(EndKind::peer_closed, 1000);
        const auto result = ask("tab_independence", history);
        CHECK(signatures(result) == Signatures{"connection ended after another tab was closed"});
        CHECK(result.violations[0].message.find("user 1, connection 1") != std::string::npos);
        CHECK(result.violations[0].message.find("had closed user 1, connection 0") != std::string::npos);
        CHECK(result.violations[0].evidence.size() == 2);
        CHECK(ask("close_codes", history).verdict == Verdict::pass);
    }
    SECTION("long after, while the run of then was still going on")
    {
        history.user(1, 1).at(150).request(1).event(FrameType::agent_started).at(9000).ends(EndKind::eof);
        CHECK(signatures(ask("tab_independence", history)) ==
              Signatures{"connection ended after another tab was closed"});
    }
    SECTION("long after, between runs: nothing connects the two")
    {
        history.user(1, 1).at(9000).ends(EndKind::peer_closed, 1000);
        CHECK(ask("tab_independence", history).verdict == Verdict::pass);
    }
    SECTION("its run loses events")
    {
        history.user(1, 1).at(150).request(1).event(FrameType::agent_started).at(40000).closes();
        CHECK(signatures(ask("tab_independence", history)) ==
              Signatures{"run fell silent after another tab was closed"});
    }
    SECTION("both are closed by us")
    {
        history.user(1, 1).at(210).closes();
        const auto result = ask("tab_independence", history);
        CHECK(result.verdict == Verdict::pass);
        CHECK(result.sample_size == 1);
    }
}

TEST_CASE("A run that was silent before another tab was closed is not blamed on that")
{
    using Row = std::pair<std::int64_t, Signatures>;
    const Signatures blamed{"run fell silent after another tab was closed"};
    Expectations expectations; // 5 s to the first event and between two, 30 s for all
    auto history = two_tabs();
    SECTION("it had shown nothing for longer than any other run took to begin")
    {
        const auto [closed, expected] = GENERATE_COPY(Row{3990, blamed}, Row{4010, Signatures{}});
        history.user(2).opens().at(1000).request(0).at(4000).event(FrameType::agent_started);
        history.user(1, 1).at(1000).request(1).at(40'000).closes();
        history.user(1, 0).at(closed).closes();
        CHECK(signatures(ask("tab_independence", history, expectations)) == expected);
    }
    SECTION("no run ever began, and its first event was overdue")
    {
        const auto [closed, expected] = GENERATE_COPY(Row{5990, blamed}, Row{6010, Signatures{}});
        HistoryBuilder mute;
        mute.user(1, 0).opens().at(closed).closes();
        mute.user(1, 1).opens().at(1000).request(0).at(40'000).closes();
        CHECK(signatures(ask("tab_independence", mute, expectations)) == expected);
    }
    auto silent = history.user(1, 1).at(1000).request(1).event(FrameType::agent_started);
    SECTION("its next event was overdue")
    {
        const auto [closed, expected] = GENERATE_COPY(Row{5900, blamed}, Row{6100, Signatures{}});
        silent.at(40'000).closes();
        history.user(1, 0).at(closed).closes();
        CHECK(signatures(ask("tab_independence", history, expectations)) == expected);
    }
    SECTION("the target was stopped for some of that time")
    {
        history.life_cycle(2000, LifeCycle::paused).life_cycle(3000, LifeCycle::resumed);
        silent.at(40'000).closes();
        history.user(1, 0).at(6100).closes();
        CHECK(signatures(ask("tab_independence", history, expectations)) == blamed);
    }
    SECTION("that tab was closed since it had waited in vain itself")
    {
        const auto waited = GENERATE(Outcome::timeout, Outcome::ok);
        auto other = history.user(1, 0).at(990).request(1);
        if (waited == Outcome::ok) other.five_events();
        other.at(5900).awaits(waited).closes();
        silent.at(40'000).closes();
        const bool by_the_user = waited == Outcome::ok;
        CHECK(signatures(ask("tab_independence", history, expectations)) ==
              (by_the_user ? blamed : Signatures{}));
    }
}

TEST_CASE("Another user's connection is blamed on an act only when no other act was near")
{
    HistoryBuilder history;
    history.user(1, 0).opens().at(200).drops();
    history.user(1, 1).opens();
    history.user(2).opens().at(300).ends(EndKind::peer_closed, 1000);
    CHECK(signatures(ask("tab_independence", history)) ==
          Signatures{"connection of another user ended after one was dropped"});
    history.user(3).opens().at(250).closes();
    CHECK(ask("tab_independence", history).verdict == Verdict::pass);
}

TEST_CASE("tab_independence does not apply where no tab was closed beside another one")
{
    auto history = two_tabs();
    CHECK(ask("tab_independence", history).verdict == Verdict::skipped);
    HistoryBuilder single;
    single.info().connections = 1;
    single.user(1).opens().closes();
    const auto result = ask("tab_independence", single);
    CHECK(result.verdict == Verdict::skipped);
    CHECK(result.reason == "each user has one connection only");
}

TEST_CASE("A tab that starves while another one is stalled is a finding of tab_independence")
{
    auto history = two_tabs();
    history.user(1, 1).at(100).request(1).event(FrameType::agent_started).at(40000).closes();
    history.user(1, 0).at(120).stalls();
    CHECK(signatures(ask("tab_independence", history)) ==
          Signatures{"run fell silent after another tab was stalled"});
}
