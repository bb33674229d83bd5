#include "checks/latencies.hpp"
#include "checks/outages.hpp"
#include "support/judging.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

using namespace wsrace;
using namespace wsrace::test;

namespace {

// Up from 5 ms; asked to end at 1 s, gone at 1.1 s, spawned again at 1.2 s, listening at 1.3 s, ready at 1.5
// s.
void restart(HistoryBuilder& history, std::uint16_t instance = 0)
{
    history.life_cycle(0, LifeCycle::spawned, 71, instance);
    history.life_cycle(3, LifeCycle::port_open, 0, instance);
    history.life_cycle(5, LifeCycle::ready, 0, instance);
    history.life_cycle(1000, LifeCycle::terminating, 15, instance);
    history.life_cycle(1100, LifeCycle::exited, 0, instance);
    history.life_cycle(1200, LifeCycle::spawned, 72, instance);
    history.life_cycle(1300, LifeCycle::port_open, 0, instance);
    history.life_cycle(1500, LifeCycle::ready, 0, instance);
}

std::set<std::string> blamed(const HistoryBuilder& history)
{
    Expectations expectations;
    expectations.deadlines.run = std::chrono::seconds{10};
    return failing(history.build(), expectations);
}

using Names = std::set<std::string>;

} // namespace

TEST_CASE("While a restart is going on connects are refused by right, and answers count again from the spawn",
          "[outages]")
{
    HistoryBuilder history;
    restart(history);
    const Outages outages(history.build());
    CHECK(outages.ours({}, ms(1150)));
    CHECK_FALSE(outages.ours({}, ms(999)));
    CHECK_FALSE(outages.ours({}, ms(1200)));
    CHECK(outages.refuses_by_right({}, ms(1499)));
    CHECK_FALSE(outages.refuses_by_right({}, ms(1500)));
    CHECK(outages.refuses_by_right({}, ms(2))); // the first start
    CHECK(outages.took_along({}, ms(500), ms(1205)));
    CHECK_FALSE(outages.took_along({}, ms(1201), ms(1205)));
    CHECK_FALSE(outages.took_along({}, ms(500), ms(2300)));
}

TEST_CASE("One that never says it is ready is held to its open port, or to its spawn", "[outages]")
{
    HistoryBuilder history;
    history.life_cycle(0, LifeCycle::spawned).life_cycle(10, LifeCycle::port_open);
    history.life_cycle(90, LifeCycle::terminating, 9).life_cycle(100, LifeCycle::killed, 9);
    history.life_cycle(200, LifeCycle::spawned);
    const Outages outages(history.build());
    CHECK(outages.refuses_by_right({}, ms(150)));
    CHECK_FALSE(outages.refuses_by_right({}, ms(200)));
    HistoryBuilder crashed;
    crashed.life_cycle(0, LifeCycle::spawned).life_cycle(2000, LifeCycle::killed, 11);
    const Outages crash(crashed.build());
    CHECK_FALSE(crash.ours({}, ms(2001)));
    CHECK(crash.any({}, ms(2001)));
}

TEST_CASE(
    "One that was told to end before its port could open is not blamed for that, unless it had its time",
    "[outages]")
{
    const auto refused = [](std::int64_t over, LifeCycle end) {
        HistoryBuilder history;
        history.life_cycle(0, LifeCycle::spawned);
        history.user(0).at(15).step(StepKind::login, Outcome::refused);
        history.life_cycle(over, end, 11);
        return blamed(history).contains("handshake");
    };
    CHECK_FALSE(refused(30, LifeCycle::terminating)); // everybody had left
    CHECK(refused(5000, LifeCycle::terminating));
    CHECK(refused(30, LifeCycle::killed)); // it crashed
}

TEST_CASE("Only an end that the harness asked for is its own, whatever the signal", "[outages]")
{
    const auto signal = GENERATE(2, 9, 11, 15);
    HistoryBuilder history;
    history.life_cycle(0, LifeCycle::spawned).life_cycle(5, LifeCycle::ready);
    history.user(0).at(1500).opens();
    history.user(0).at(1950).ends(EndKind::reset);
    history.user(1).at(2100).step(StepKind::tcp_connect, Outcome::refused);
    SECTION("asked for")
    {
        history.life_cycle(1940, LifeCycle::terminating, signal).life_cycle(2000, LifeCycle::killed, signal);
        const Outages outages(history.build());
        CHECK(outages.ours({}, ms(2001)));
        CHECK(outages.took_along({}, ms(1500), ms(1950)));
        CHECK(blamed(history) == Names{});
    }
    SECTION("somebody else's: the OOM killer's, say")
    {
        history.life_cycle(2000, LifeCycle::killed, signal);
        const Outages outages(history.build());
        CHECK_FALSE(outages.ours({}, ms(2001)));
        CHECK(outages.any({}, ms(2001)));
        CHECK_FALSE(outages.took_along({}, ms(1500), ms(1950)));
        CHECK(blamed(history) == Names{"close_codes", "handshake"});
    }
}

TEST_CASE("After an end that is not followed by a start nobody is blamed for not getting in", "[outages]")
{
    HistoryBuilder history;
    history.life_cycle(0, LifeCycle::spawned).life_cycle(5, LifeCycle::ready);
    history.user(0).at(10).opens().run(0).closes();
    history.life_cycle(1000, LifeCycle::terminating, 15);
    history.user(1).at(1010).refused(503);
    history.user(2).at(1020).step(StepKind::tcp_connect, Outcome::reset);
    history.user(3).at(1030).opens();
    history.user(3).at(1090).ends(EndKind::peer_closed, 1001);
    history.life_cycle(1100, LifeCycle::exited);
    history.user(4).at(5000).step(StepKind::tcp_connect, Outcome::refused);
    CHECK(blamed(history) == Names{});
    history.user(5).at(1040).connects().ends(EndKind::peer_closed, 1011);
    CHECK(blamed(history) == Names{"close_codes", "overload_refusal"});
}

TEST_CASE("A run that a restart cuts off is nobody's fault, and what comes after is judged again",
          "[outages]")
{
    HistoryBuilder history;
    restart(history);
    const auto end = GENERATE(as<std::pair<EndKind, int>>{}, std::pair{EndKind::peer_closed, 1001},
                              std::pair{EndKind::peer_closed, 1012}, std::pair{EndKind::eof, 0},
                              std::pair{EndKind::reset, 0});
    history.user(0).at(100).opens().run(0).at(990).request(1).event(FrameType::agent_started);
    history.user(0).at(1050).ends(end.first, end.second);
    history.user(1, 0, 0).at(1250).step(StepKind::tcp_connect, Outcome::refused);
    SECTION("all is well afterwards")
    {
        history.user(0, 0, 1).at(1600).opens().run(2).closes();
        history.quiet_until(60'000);
        CHECK(blamed(history) == Names{});
    }
    SECTION("a connection of the new process falls silent, and ends without a close frame")
    {
        history.user(0, 0, 1).at(1600).opens().request(2).event(FrameType::agent_started);
        history.user(0, 0, 1).at(1700).ends(EndKind::eof);
        history.quiet_until(60'000);
        CHECK(blamed(history) == Names{"close_codes", "five_events"});
    }
    SECTION("1011 stays wrong, whoever ended the target")
    {
        history.user(2).at(100).opens();
        history.user(2).at(1050).ends(EndKind::peer_closed, 1011);
        CHECK(blamed(history) == Names{"close_codes", "overload_refusal"});
    }
    SECTION("an HTTP answer of the new process is judged, though it is not ready")
    {
        history.user(3).at(1350).refused(500);
        CHECK(blamed(history) == Names{"handshake"});
    }
    SECTION("a connect refused once it was ready is judged")
    {
        history.user(3).at(1600).step(StepKind::tcp_connect, Outcome::refused).planned(1500);
        CHECK(blamed(history) == Names{"handshake"});
    }
    SECTION("a connect refused before it was ready, and written down afterwards, is not")
    {
        history.user(3).at(1600).step(StepKind::tcp_connect, Outcome::refused).planned(1499);
        CHECK(blamed(history) == Names{});
    }
}

TEST_CASE("The rest of a run that a restart took while its user was away is nobody's fault", "[outages]")
{
    HistoryBuilder history;
    auto user = history.user(0).at(100).opens().run(0).at(900).request(1).event(FrameType::agent_started);
    user.at(910).drops();
    auto back = history.user(0, 0, 1).at(1600).opens().at(11'600).awaits(Outcome::timeout);
    back.run(2).closes();
    SECTION("there was one")
    {
        restart(history);
        CHECK(blamed(history) == Names{});
    }
    SECTION("there was none")
    {
        history.life_cycle(5, LifeCycle::ready);
        CHECK(blamed(history).contains("reconnect"));
        CHECK(blamed(history).contains("acknowledged"));
    }
}

TEST_CASE("An outage of one instance excuses those whom it may have served", "[outages]")
{
    HistoryBuilder history;
    history.info().instances = 3;
    history.life_cycle(0, LifeCycle::ready, 0, 0).life_cycle(0, LifeCycle::ready, 0, 2);
    restart(history, 1);
    const Outages outages(history.build());
    CHECK(outages.ours(UserId{4}, ms(1150)));
    CHECK_FALSE(outages.ours(UserId{3}, ms(1150)));
    CHECK_FALSE(outages.ours(UserId{5}, ms(1150)));
    CHECK(outages.serving(UserId{4}, ms(900)) == std::vector<std::uint16_t>{1});
    CHECK(outages.serving(UserId{4}, ms(1150)) == std::vector<std::uint16_t>{1, 2});
    SECTION("in the checks, too")
    {
        history.user(3).at(500).opens();
        history.user(3).at(1050).ends(EndKind::eof);
        history.user(4).at(500).opens();
        history.user(4).at(1050).ends(EndKind::eof);
        CHECK(ask("close_codes", history).affected_users == std::vector{UserId{3}});
    }
}

TEST_CASE("Time in which the harness itself had stopped the target is not held against it", "[outages]")
{
    HistoryBuilder history;
    history.life_cycle(0, LifeCycle::ready);
    history.life_cycle(1000, LifeCycle::paused).life_cycle(15'000, LifeCycle::resumed);
    auto user = history.user(0).at(500).opens().request(0).event(FrameType::agent_started);
    auto other = history.user(1).at(999).connects();
    SECTION("a run goes on afterwards, a ping is answered late, a welcome comes late")
    {
        user.ping().at(15'001).event(FrameType::agent_thinking).bare(FrameType::pong);
        user.step(StepKind::pong_awaited).event(FrameType::tool_executing).event(FrameType::tool_completed);
        user.event(FrameType::agent_completed).closes();
        other.at(15'001).welcome().closes();
        CHECK(blamed(history) == Names{});
        const auto built = history.build();
        const auto connections = connections_of(built);
        const RunTable runs(built, connections);
        const Expectations expectations;
        for (const Duration late : event_lateness({expectations, built, connections, runs}))
            CHECK(late < ms(600));
    }
    SECTION("a login and an upgrade that timed out meanwhile")
    {
        history.login(2, Outcome::timeout);
        auto late = history.user(3).at(14'000).step(StepKind::tcp_connect).step(StepKind::upgrade_sent);
        late.at(19'000).step(StepKind::upgrade_answered, Outcome::timeout);
        user.closes();
        other.closes();
        CHECK(ask("handshake", history).violation_count == 1); // the login was before
    }
    SECTION("the gap is too long even so")
    {
        user.at(21'000).event(FrameType::agent_thinking);
        CHECK(signatures(ask("liveness", history)) == Signatures{"slow: gap before agent_thinking"});
    }
    SECTION("nothing comes any more")
    {
        history.quiet_until(60'000);
        CHECK(signatures(ask("liveness", history)) == Signatures{"hang after agent_started"});
    }
    SECTION("nobody can tell yet")
    {
        history.quiet_until(18'000);
        CHECK(ask("liveness", history).violation_count == 0);
    }
}

TEST_CASE("A run is judged once it has had its time besides the harness's own pauses", "[outages]")
{
    Expectations expectations;
    expectations.deadlines.run = std::chrono::seconds{10};
    HistoryBuilder history;
    history.life_cycle(0, LifeCycle::ready);
    history.life_cycle(2000, LifeCycle::paused).life_cycle(7000, LifeCycle::resumed);
    history.user(0).opens().at(1000).request(0).event(FrameType::agent_started);
    history.quiet_until(15'990);
    CHECK(ask("five_events", history, expectations).verdict == Verdict::inconclusive);
    history.quiet_until(16'010);
    CHECK(ask("five_events", history, expectations).verdict == Verdict::fail);
}

TEST_CASE("connection_success counts no handshake that the harness itself prevented, and every other one",
          "[outages]")
{
    HistoryBuilder history;
    history.life_cycle(0, LifeCycle::ready);
    history.user(0).at(10).opens();
    const auto waits_for_101 = [&history](std::uint32_t user, std::int64_t from, std::int64_t until) {
        auto connection = history.user(user).at(from).step(StepKind::tcp_connect);
        connection.step(StepKind::upgrade_sent).at(until);
        connection.step(StepKind::upgrade_answered, Outcome::timeout);
    };
    const auto fails_at_welcome = [&history](std::uint32_t user, std::int64_t at, Outcome how) {
        history.user(user).at(at - 50).connects().at(at).step(StepKind::welcome, how);
    };
    const auto failures_among = [&history] {
        const auto verdict = judge({}, history.build());
        const auto metric = std::find_if(verdict.metrics.begin(), verdict.metrics.end(),
                                         [](const Metric& m) { return m.id == "connection_success"; });
        const auto all = static_cast<double>(metric->sample_size);
        return std::pair{std::lround(all * (1 - metric->value)), metric->sample_size};
    };
    using Failures = std::pair<long, std::uint64_t>;
    SECTION("stopped")
    {
        history.life_cycle(1000, LifeCycle::paused).life_cycle(9000, LifeCycle::resumed);
        waits_for_101(1, 900, 5900);
        history.user(2).at(900).connects().at(6000).step(StepKind::welcome, Outcome::timeout);
        CHECK(failures_among() == Failures{0, 1});
        waits_for_101(3, 9100, 14'100);
        fails_at_welcome(4, 14'200, Outcome::timeout);
        fails_at_welcome(5, 5000, Outcome::closed);
        history.user(6).at(2000).refused(500);
        CHECK(failures_among() == Failures{4, 5});
    }
    SECTION("down")
    {
        history.life_cycle(1000, LifeCycle::terminating, 15).life_cycle(1100, LifeCycle::exited);
        history.life_cycle(1200, LifeCycle::spawned).life_cycle(1500, LifeCycle::ready);
        history.user(1).at(1150).step(StepKind::tcp_connect, Outcome::refused);
        fails_at_welcome(2, 1020, Outcome::eof);
        fails_at_welcome(3, 1020, Outcome::closed);
        CHECK(failures_among() == Failures{0, 1});
        history.user(4).at(1600).step(StepKind::tcp_connect, Outcome::refused);
        fails_at_welcome(5, 900, Outcome::eof);
        fails_at_welcome(6, 3000, Outcome::closed);
        CHECK(failures_among() == Failures{3, 4});
    }
}
