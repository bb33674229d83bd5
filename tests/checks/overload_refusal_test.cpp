#include "checks/retry_delay.hpp"
#include "support/judging.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::test;

namespace {

Expectations by_word()
{
    Expectations expectations;
    expectations.ready_by_word = true;
    return expectations;
}

void come_up(HistoryBuilder& history, std::int64_t spawned, std::int64_t ready, std::uint16_t instance = 0)
{
    history.life_cycle(spawned, LifeCycle::spawned, 71, instance);
    history.life_cycle(spawned + 1, LifeCycle::port_open, 0, instance);
    history.life_cycle(ready, LifeCycle::ready, 0, instance);
}

Signatures found(const HistoryBuilder& history)
{
    return signatures(ask("overload_refusal", history, by_word()));
}

} // namespace

TEST_CASE("Where nothing was refused, overload_refusal is skipped", "[overload_refusal]")
{
    HistoryBuilder history;
    come_up(history, 0, 5);
    history.login(1).user(1).opens().run(0).closes();
    history.user(2).refused(401); // for other reasons
    const auto result = ask("overload_refusal", history, by_word());
    CHECK(result.verdict == Verdict::skipped);
    CHECK(result.reason == "nothing was refused");
}

TEST_CASE("A refusal that says when to come back, and then admits, is what is asked for",
          "[overload_refusal]")
{
    HistoryBuilder history;
    history.refused_login(5, 1, 503, "1").refused_login(6, 2, 429, "2");
    history.user(3).refused(503, "1");
    history.user(3, 0, 1).at(1100).opens().closes();
    history.user(4).refused(503, "Sun, 06 Nov 1994 08:49:37 GMT");
    history.user(5).connects().ends(EndKind::peer_closed, 1013);
    const auto result = ask("overload_refusal", history);
    CHECK(result.verdict == Verdict::pass);
    CHECK(result.sample_size == 5);
}

TEST_CASE("503 and 429 need a Retry-After that can be read", "[overload_refusal]")
{
    HistoryBuilder history;
    history.refused_login(5, 1, 503).refused_login(6, 2, 429, "soon");
    history.user(3).at(10).refused(429);
    history.user(4).at(20).refused(503, "-1");
    CHECK(found(history) == Signatures{"login: HTTP 503 without Retry-After",
                                       "login: HTTP 429 with a malformed Retry-After",
                                       "upgrade_answered: HTTP 429 without Retry-After",
                                       "upgrade_answered: HTTP 503 with a malformed Retry-After"});
    CHECK(retry_delay("7") == std::chrono::seconds{7});
    for (const auto* text : {"", " 7", "7s", "1.5", "+7", "99999999999"}) CHECK_FALSE(retry_delay(text));
    CHECK_FALSE(is_http_date("Sun, 6 Nov 1994 08:49:37 GMT"));
}

TEST_CASE("A retry after the named delay must succeed", "[overload_refusal]")
{
    HistoryBuilder history;
    SECTION("one that came too early may be refused again")
    {
        history.user(1).refused(503, "1");
        history.user(1, 0, 1).at(500).refused(503, "1");
        history.user(1, 0, 2).at(1600).opens();
        CHECK(found(history).empty());
    }
    SECTION("refused again, admitted later")
    {
        history.user(1).refused(503, "1");
        history.user(1, 0, 1).at(1100).refused(503, "1");
        history.user(1, 0, 2).at(2200).opens();
        CHECK(found(history) == Signatures{"upgrade_answered: refused again"});
    }
    SECTION("never admitted: the last try speaks for all")
    {
        for (std::uint16_t i = 0; i < 4; ++i) history.user(1, 0, i).at(10 + i * 1100).refused(503, "1");
        const auto result = ask("overload_refusal", history);
        REQUIRE(signatures(result) == Signatures{"upgrade_answered: never admitted"});
        CHECK(result.violations[0].message.find("4 tries") != std::string::npos);
        CHECK(result.violations[0].evidence.size() == 2);
    }
    SECTION("never admitted: the retry failed otherwise")
    {
        history.user(1).refused(503, "1");
        history.user(1, 0, 1).at(1100).step(StepKind::tcp_connect, Outcome::reset);
        CHECK(found(history) == Signatures{"upgrade_answered: never admitted"});
    }
    SECTION("a login")
    {
        history.refused_login(5, 1, 503, "1").refused_login(1005, 1, 503, "1");
        CHECK(found(history) == Signatures{"login: never admitted"});
    }
    SECTION("an interrupted retry says nothing")
    {
        history.user(1).refused(503, "1");
        history.user(1, 0, 1).at(1100).step(StepKind::tcp_connect, Outcome::cancelled);
        CHECK(found(history).empty());
    }
    SECTION("the harness restarted the target in between")
    {
        come_up(history, 0, 5);
        history.user(1).at(100).opens().closes();
        history.user(2).at(200).refused(503, "1");
        history.life_cycle(600, LifeCycle::terminating, 15).life_cycle(700, LifeCycle::exited);
        come_up(history, 800, 1900);
        history.user(2, 0, 1).at(1300).refused(503, "1");
        history.user(2, 0, 2).at(2400).opens();
        CHECK(found(history).empty());
    }
}

TEST_CASE("A retry that timed out while the harness had stopped the target is excused", "[overload_refusal]")
{
    HistoryBuilder history;
    history.user(1).refused(503, "1");
    history.user(1, 0, 1).at(4000).step(StepKind::tcp_connect, Outcome::timeout).planned(1100);
    const Signatures never_admitted{"upgrade_answered: never admitted"};
    SECTION("not stopped") { CHECK(found(history) == never_admitted); }
    SECTION("stopped before")
    {
        history.life_cycle(500, LifeCycle::paused).life_cycle(1100, LifeCycle::resumed);
        CHECK(found(history) == never_admitted);
    }
    SECTION("stopped meanwhile")
    {
        history.life_cycle(1200, LifeCycle::paused).life_cycle(3000, LifeCycle::resumed);
        CHECK(found(history).empty());
    }
}

TEST_CASE("1011 after accept is wrong for a target that is not ready, or is ending", "[overload_refusal]")
{
    HistoryBuilder history;
    come_up(history, 0, 100);
    history.user(1).at(200).opens();
    history.life_cycle(1000, LifeCycle::terminating, 15);
    SECTION("while it starts")
    {
        history.user(2).at(20).connects().ends(EndKind::peer_closed, 1011);
        history.user(3).at(30).connects().ends(EndKind::peer_closed, 1013);
        CHECK(found(history) == Signatures{"1011 after accept: accepted before it was ready"});
    }
    SECTION("while it ends: though nobody else's complaint")
    {
        history.user(2).at(1010).connects().ends(EndKind::peer_closed, 1011);
        history.user(3).at(1020).refused(503);
        CHECK(found(history) == Signatures{"1011 after accept: accepted while it was ending"});
        CHECK(failing(history.build()) == std::set<std::string>{"close_codes", "overload_refusal"});
    }
    SECTION("while it is ready: for close_codes")
    {
        history.user(2).at(300).opens().ends(EndKind::peer_closed, 1011);
        CHECK(found(history).empty());
    }
    SECTION("after the first event of a run: for close_codes")
    {
        history.user(2).at(20).opens().request(0).event(FrameType::agent_started);
        history.user(2).at(40).ends(EndKind::peer_closed, 1011);
        CHECK(found(history).empty());
    }
}

TEST_CASE("A target that never says it is ready is ready by its open port only if it says nothing at all",
          "[overload_refusal]")
{
    HistoryBuilder history;
    history.life_cycle(0, LifeCycle::spawned).life_cycle(5, LifeCycle::port_open);
    history.user(1).at(20).connects().ends(EndKind::peer_closed, 1011);
    CHECK(found(history) == Signatures{"1011 after accept: accepted before it was ready"});
    CHECK(ask("overload_refusal", history).violation_count == 0); // for close_codes
}

TEST_CASE("A target that says it is ready serves from then on", "[overload_refusal]")
{
    HistoryBuilder history;
    come_up(history, 0, 100);
    SECTION("it does")
    {
        history.user(1).at(110).opens();
        history.user(2).at(120).step(StepKind::tcp_connect, Outcome::reset); // for handshake
        CHECK(found(history).empty());
    }
    SECTION("each way in which it does not")
    {
        history.user(1).at(110).step(StepKind::tcp_connect, Outcome::refused);
        history.user(2).at(120).refused(503, "1");
        history.user(3).at(130).connects().ends(EndKind::peer_closed, 1011);
        history.user(4).at(140).step(StepKind::tcp_connect).step(StepKind::upgrade_sent);
        history.user(4).at(142).step(StepKind::upgrade_answered, Outcome::reset);
        history.user(5).at(150).refused(403);
        history.user(6).at(200).opens();
        history.user(7).at(210).refused(503, "1");
        CHECK(found(history) == Signatures{"said it was ready, yet tcp_connect refused",
                                           "said it was ready, yet HTTP 503",
                                           "said it was ready, yet closed with 1011 before a welcome",
                                           "said it was ready, yet upgrade_answered reset"});
        const auto result = ask("overload_refusal", history, by_word());
        CHECK(result.violations[0].message.find("said it was ready at 0.100 s, yet user 1") !=
              std::string::npos);
        CHECK(result.violations[0].evidence.size() == 2);
    }
    SECTION("an attempt that began before may still be refused")
    {
        history.user(1).at(99).refused(503, "1");
        CHECK(found(history).empty());
    }
    SECTION("only its own word counts, not its open port")
    {
        history.user(2).at(120).refused(503, "1");
        CHECK(ask("overload_refusal", history).verdict == Verdict::pass);
    }
    SECTION("taken down by the harness, it lied not")
    {
        history.life_cycle(110, LifeCycle::terminating, 15).life_cycle(120, LifeCycle::exited);
        history.user(1).at(115).step(StepKind::tcp_connect, Outcome::refused);
        CHECK(found(history).empty());
    }
    SECTION("each instance speaks for itself")
    {
        history.info().instances = 2;
        come_up(history, 0, 200, 1);
        history.user(0).at(110).opens();
        history.user(1).at(120).refused(503, "1");
        history.user(3).at(210).refused(503, "1");
        CHECK(found(history) == Signatures{"said it was ready, yet HTTP 503"});
    }
}

TEST_CASE("Of a stampede a target may let the first in and turn the others away, whose answers are faster",
          "[overload_refusal]")
{
    HistoryBuilder history;
    come_up(history, 0, 100);
    history.user(1).at(110).step(StepKind::tcp_connect).planned(105).step(StepKind::upgrade_sent);
    history.user(1).at(150).step(StepKind::upgrade_answered).welcome();
    auto other = history.user(2).at(120).step(StepKind::tcp_connect).planned(105);
    other.step(StepKind::upgrade_sent);
    SECTION("in order")
    {
        other.step(StepKind::upgrade_answered, Outcome::http_status, 503, "1");
        CHECK(found(history).empty());
    }
    SECTION("not without saying when to come back, which is wrong in itself, too")
    {
        other.step(StepKind::upgrade_answered, Outcome::http_status, 503);
        CHECK(found(history) == Signatures{"upgrade_answered: HTTP 503 without Retry-After",
                                           "said it was ready, yet HTTP 503"});
    }
    SECTION("not by another status")
    {
        other.step(StepKind::upgrade_answered, Outcome::http_status, 500);
        CHECK(found(history) == Signatures{"said it was ready, yet HTTP 500"});
    }
    SECTION("not one that had begun before the first of those it let in")
    {
        auto before = history.user(3).at(112).step(StepKind::tcp_connect).planned(104);
        before.step(StepKind::upgrade_sent);
        before.step(StepKind::upgrade_answered, Outcome::http_status, 503, "1");
        CHECK(found(history) == Signatures{"said it was ready, yet HTTP 503"});
    }
}
