#include "support/judging.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::test;

namespace {

// Brings a forged token of this kind, and is let in.
ConnectionBuilder forger(HistoryBuilder& history, std::string_view kind)
{
    history.login(1);
    return history.user(1).says("forged token: " + std::string{kind});
}

} // namespace

TEST_CASE("A forged token that is refused passes, and is nobody else's finding")
{
    HistoryBuilder history;
    auto connection = forger(history, "expired");
    SECTION("401") { connection.refused(401); }
    SECTION("403") { connection.refused(403); }
    const auto result = ask("credentials", history);
    CHECK(result.verdict == Verdict::pass);
    CHECK(result.sample_size == 1);
    CHECK(failing(history.build()).empty());
}

TEST_CASE("A forged token that is refused after accept is for handshake alone")
{
    HistoryBuilder history;
    forger(history, "wrong_key").connects().ends(EndKind::peer_closed, 1008);
    CHECK(ask("credentials", history).verdict == Verdict::pass);
    CHECK(failing(history.build()) == std::set<std::string>{"handshake"});
}

TEST_CASE("A server that breaks on a forged token is found by handshake")
{
    HistoryBuilder history;
    forger(history, "malformed").refused(500);
    CHECK(failing(history.build()) == std::set<std::string>{"handshake"});
}

TEST_CASE("credentials finds whoever is let in without a right")
{
    HistoryBuilder history;
    SECTION("with a welcome")
    {
        forger(history, "alg_none").opens().drops();
        CHECK(signatures(ask("credentials", history)) ==
              Signatures{"admitted with a forged token (alg_none)"});
    }
    SECTION("without a word")
    {
        forger(history, "missing").connects().drops();
        CHECK(signatures(ask("credentials", history)) == Signatures{"admitted without a token"});
    }
    SECTION("turned away only when it had its welcome")
    {
        forger(history, "expired").opens().ends(EndKind::peer_closed, 1008);
        CHECK(signatures(ask("credentials", history)) ==
              Signatures{"admitted with a forged token (expired)"});
    }
}

TEST_CASE("A broken connection proves nothing about a forged token")
{
    HistoryBuilder history;
    forger(history, "expired").step(StepKind::tcp_connect, Outcome::refused);
    CHECK(ask("credentials", history).verdict == Verdict::skipped);
}

TEST_CASE("A single-use ticket admits exactly one")
{
    HistoryBuilder history;
    history.login(1);
    const auto brings = [&](std::uint16_t slot, std::uint16_t incarnation = 0) {
        return history.user(1, slot, incarnation).says("shared ticket: 0");
    };
    SECTION("one, the others refused")
    {
        brings(0).opens().run(0).closes();
        brings(1).refused(401);
        brings(2).refused(403);
        CHECK(ask("credentials", history).sample_size == 1);
        CHECK(failing(history.build()).empty());
    }
    SECTION("two")
    {
        brings(0).opens();
        brings(1).after(3).opens();
        brings(2).refused(401);
        const auto result = ask("credentials", history);
        CHECK(signatures(result) == Signatures{"a single-use ticket admitted several"});
        CHECK(result.violations.at(0).connection->slot.value == 1);
    }
    SECTION("nobody")
    {
        brings(0).refused(401);
        brings(1).refused(401);
        CHECK(signatures(ask("credentials", history)) == Signatures{"a single-use ticket admitted nobody"});
    }
    SECTION("nobody, since the server was restarted in between and has forgotten it")
    {
        const auto during = GENERATE(true, false);
        history.life_cycle(0, LifeCycle::spawned).life_cycle(1, LifeCycle::ready);
        const auto restart = during ? 150 : 50; // and then again: the ticket is of the new one
        history.life_cycle(restart, LifeCycle::terminating, 15).life_cycle(restart + 5, LifeCycle::exited);
        history.life_cycle(restart + 6, LifeCycle::spawned).life_cycle(restart + 8, LifeCycle::ready);
        history.user(1, 0).at(100).says("shared ticket: 0").at(200).refused(401);
        history.user(1, 1).at(100).says("shared ticket: 0").at(200).refused(401);
        const auto found = signatures(ask("credentials", history));
        CHECK(found == (during ? Signatures{} : Signatures{"a single-use ticket admitted nobody"}));
    }
    SECTION("another ticket in the next round")
    {
        brings(0).opens().closes();
        brings(1).refused(401);
        history.user(1, 0, 1).at(100).says("shared ticket: 1").opens().closes();
        history.user(1, 1, 1).at(100).says("shared ticket: 1").refused(401);
        CHECK(ask("credentials", history).sample_size == 2);
        CHECK(ask("credentials", history).verdict == Verdict::pass);
    }
    SECTION("one, and one that came when the server was busy")
    {
        brings(0).refused(503, "1");
        brings(1).refused(503, "1");
        CHECK(ask("credentials", history).verdict == Verdict::skipped);
    }
}

TEST_CASE("One valid token admits any number of connections")
{
    HistoryBuilder history;
    history.login(1);
    history.user(1, 0).opens();
    SECTION("and they are let in")
    {
        history.user(1, 1).opens();
        CHECK(ask("credentials", history).sample_size == 2);
        CHECK(ask("credentials", history).verdict == Verdict::pass);
    }
    SECTION("but the second one is refused")
    {
        history.user(1, 1).after(5).refused(401);
        CHECK(signatures(ask("credentials", history)) == Signatures{"a valid token refused"});
    }
    SECTION("but the second one had been refused before anybody was admitted")
    {
        HistoryBuilder earlier;
        earlier.login(1);
        earlier.user(1, 0).refused(401);
        earlier.user(1, 0, 1).at(50).opens();
        CHECK(ask("credentials", earlier).verdict == Verdict::pass);
    }
    SECTION("but the second one is turned away after accept")
    {
        history.user(1, 1).after(5).connects().ends(EndKind::peer_closed, 1008);
        CHECK(signatures(ask("credentials", history)) == Signatures{"a valid token refused"});
    }
    SECTION("though not for ever")
    {
        HistoryBuilder later;
        later.login(1);
        later.user(1, 0).opens().closes();
        later.user(1, 1).at(20'000).refused(401);
        CHECK(ask("credentials", later).violation_count == 0);
    }
    SECTION("too many is another matter")
    {
        history.user(1, 1).after(5).refused(429);
        CHECK(ask("credentials", history).violation_count == 0);
    }
}

TEST_CASE("A thread's name opens it to nobody else")
{
    HistoryBuilder history;
    history.login(1).login(2);
    history.user(1).opens().request(0, "notes-1").five_events().closes();
    auto squatter = history.user(2).at(200).opens().request(0, "notes-1").says("thread of user: 1");
    SECTION("own events only")
    {
        squatter.five_events().closes();
        CHECK(ask("credentials", history).verdict == Verdict::pass);
        CHECK(ask("credentials", history).sample_size == 2);
    }
    SECTION("a refusal is as right")
    {
        squatter.event(FrameType::error_message).awaits().closes();
        CHECK(failing(history.build()).empty());
    }
    SECTION("somebody else's refused question is not")
    {
        history.user(3).opens().request(0).event(FrameType::error_message).awaits().closes();
        squatter.five_events().closes();
        CHECK(failing(history.build()) == std::set<std::string>{"five_events"});
    }
    SECTION("the other's events")
    {
        squatter.five_events()
            .bare(FrameType::agent_thinking)
            .carries({UserId{1}, SlotId{0}, 0}, "/payload/reasoning");
        const auto result = ask("credentials", history);
        CHECK(signatures(result) == Signatures{"another user's events in a thread of the same name"});
        CHECK(result.violations.at(0).other_user == UserId{1});
    }
    SECTION("events of another thread of the other's are for isolation alone")
    {
        history.user(1, 1).at(100).opens().request(0, "private-1").five_events().closes();
        squatter.five_events()
            .bare(FrameType::agent_thinking)
            .carries({UserId{1}, SlotId{1}, 0}, "/payload/reasoning");
        CHECK(ask("credentials", history).violation_count == 0);
        CHECK(ask("isolation", history).verdict == Verdict::fail);
    }
}

TEST_CASE("A scenario that asks for credentials wants them tried")
{
    HistoryBuilder history;
    history.user(1).opens().run(0).closes();
    auto expectations = narrow_expectations();
    CHECK(ask("credentials", history, expectations).verdict == Verdict::skipped);
    expectations.checks.emplace("credentials", CheckSetting{});
    CHECK(ask("credentials", history, expectations).verdict == Verdict::inconclusive);
}

TEST_CASE("Users with a behaviour do not count for the golden path")
{
    HistoryBuilder history;
    history.user(1).opens().run(0).closes();
    auto leaver = history.user(2).at(100);
    SECTION("named") { leaver.says("behaviour: leaver"); }
    SECTION("not named") {}
    const bool named = leaver.now() != ms(100);
    leaver.opens()
        .request(0)
        .event(FrameType::agent_started)
        .drops()
        .step(StepKind::journey_done, Outcome::closed);
    const auto verdict = judge(narrow_expectations(), history.build());
    const auto metric = std::find_if(verdict.metrics.begin(), verdict.metrics.end(),
                                     [](const Metric& one) { return one.id == "golden_path"; });
    CHECK(metric->sample_size == (named ? 1U : 2U));
    CHECK((metric->value == 1) == named);
}
