#include "explore/classification.hpp"
#include "support/history_builder.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::test;

namespace {

// A history whose port opens at 100 ms; users arrive later.
HistoryBuilder opened()
{
    HistoryBuilder history;
    history.life_cycle(0, LifeCycle::spawned).life_cycle(100, LifeCycle::port_open);
    return history;
}

ClassifiedBoot classified(const HistoryBuilder& history, const Expectations& expectations = {},
                          LifeCycle anchor = LifeCycle::port_open)
{
    return classify(history.build(), expectations, anchor, 3);
}

std::string only(const HistoryBuilder& history, const Expectations& expectations = {})
{
    const auto boot = classified(history, expectations);
    if (boot.probes.size() != 1) return std::to_string(boot.probes.size()) + " probes";
    return std::string{name(boot.probes[0].outcome)};
}

ConnectionBuilder done(ConnectionBuilder user, Outcome outcome = Outcome::ok)
{
    return user.step(StepKind::journey_done, outcome);
}

// The outcome of the only user, by how the handshake was answered.
std::string answered(Outcome outcome, int status = 0, std::string_view retry_after = {})
{
    auto history = opened();
    auto user = history.user(0).at(200).step(StepKind::tcp_connect).step(StepKind::upgrade_sent);
    done(user.step(StepKind::upgrade_answered, outcome, status, retry_after), outcome);
    return only(history);
}

// The outcome of the only user, whose connection ends like this with a request under way.
std::string ended(EndKind end, int code = 0)
{
    auto history = opened();
    done(history.user(0).at(200).opens().request(0).event(FrameType::agent_started).ends(end, code),
         Outcome::closed);
    return only(history);
}

} // namespace

TEST_CASE("A user who gets all events is good, at the time its connection was begun", "[explore]")
{
    auto history = opened();
    done(history.user(4).at(250).opens().run(0).awaits().closes());
    const auto boot = classified(history);
    REQUIRE(boot.probes.size() == 1);
    CHECK(boot.probes[0].outcome == ArrivalOutcome::good);
    CHECK(boot.probes[0].at == ms(150));
    CHECK(boot.probes[0].boot == 3);
    CHECK(boot.probes[0].user == 4);
    CHECK(boot.anchor == ms(100));
    CHECK_FALSE(boot.ready);
}

TEST_CASE("What answers a handshake is kept apart", "[explore]")
{
    CHECK(answered(Outcome::http_status, 401) == "unauthorized");
    CHECK(answered(Outcome::http_status, 403) == "unauthorized");
    CHECK(answered(Outcome::http_status, 429) == "retry_later");
    CHECK(answered(Outcome::http_status, 503, "1") == "retry_later");
    CHECK(answered(Outcome::http_status, 503) == "unavailable");
    CHECK(answered(Outcome::http_status, 500, "1") == "server_error");
    CHECK(answered(Outcome::http_status, 404) == "http_other");
    CHECK(answered(Outcome::reset) == "reset");
    CHECK(answered(Outcome::eof) == "reset");
    CHECK(answered(Outcome::timeout) == "hang");
    CHECK(answered(Outcome::protocol_error) == "closed");
}

TEST_CASE("How a connection ends in the middle of a run is kept apart", "[explore]")
{
    CHECK(ended(EndKind::peer_closed, 1011) == "internal_error");
    CHECK(ended(EndKind::peer_closed, 1013) == "retry_later");
    CHECK(ended(EndKind::peer_closed, 1012) == "retry_later");
    CHECK(ended(EndKind::peer_closed, 1000) == "closed");
    CHECK(ended(EndKind::peer_closed, 1008) == "closed");
    CHECK(ended(EndKind::eof) == "reset");
    CHECK(ended(EndKind::reset) == "reset");
    CHECK(ended(EndKind::protocol_error) == "closed");
}

TEST_CASE("1011 counts even when all events had come, a plain close then does not", "[explore]")
{
    const auto after_run = [](int code) {
        auto history = opened();
        done(history.user(0).at(200).opens().run(0).awaits().ends(EndKind::peer_closed, code));
        return only(history);
    };
    CHECK(after_run(1011) == "internal_error");
    CHECK(after_run(1000) == "good");
}

TEST_CASE("An accepted connection without events is silent, one that stops in the middle hangs", "[explore]")
{
    auto silent = opened();
    done(silent.user(0).at(200).opens().request(0).awaits(Outcome::timeout).closes(), Outcome::timeout);
    CHECK(only(silent) == "silent");

    auto no_welcome = opened();
    done(no_welcome.user(0).at(200).connects().step(StepKind::welcome, Outcome::timeout), Outcome::timeout);
    CHECK(only(no_welcome) == "silent");

    auto hanging = opened();
    done(hanging.user(0).at(200).opens().request(0).event(FrameType::agent_started).awaits(Outcome::timeout),
         Outcome::timeout);
    CHECK(only(hanging) == "hang");
}

TEST_CASE("A run that fails or lacks events is incomplete, unless the scenario allows it", "[explore]")
{
    auto failed = opened();
    done(failed.user(0).at(200).opens().request(0).event(FrameType::agent_error).awaits().closes());
    CHECK(only(failed) == "incomplete");
    Expectations lenient;
    lenient.failed_runs_allowed = true;
    CHECK(only(failed, lenient) == "good");

    auto canned = opened();
    done(canned.user(0).at(200).opens().request(0).event(FrameType::agent_completed).awaits().closes());
    CHECK(only(canned) == "incomplete");
    Expectations without;
    without.checks["five_events"].enabled = false;
    CHECK(only(canned, without) == "good");
    Expectations of_few;
    of_few.run_events.types = {FrameType::agent_completed};
    CHECK(only(canned, of_few) == "good");
    of_few.run_events.types = {FrameType::agent_thinking, FrameType::agent_completed};
    CHECK(only(canned, of_few) == "incomplete");
}

TEST_CASE("A journey without a request is good once it is let in", "[explore]")
{
    auto history = opened();
    done(history.user(0).at(200).opens().closes());
    CHECK(only(history) == "good");
}

TEST_CASE("A refusal is the port's own before it opens, and a server that has gone away after it",
          "[explore]")
{
    HistoryBuilder history;
    history.life_cycle(0, LifeCycle::spawned);
    done(history.user(0).at(50).step(StepKind::tcp_connect, Outcome::refused), Outcome::refused);
    done(history.user(1).at(200).opens().run(0).awaits().closes());
    done(history.user(2).at(400).step(StepKind::tcp_connect, Outcome::refused), Outcome::refused);
    const auto boot = classified(history, {}, LifeCycle::spawned);
    REQUIRE(boot.probes.size() == 3);
    CHECK(boot.probes[0].outcome == ArrivalOutcome::refused);
    CHECK(boot.probes[1].outcome == ArrivalOutcome::good);
    CHECK(boot.probes[2].outcome == ArrivalOutcome::gone);
}

TEST_CASE("An outcome belongs to the attempt that decided it, when that was really begun", "[explore]")
{
    auto history = opened();
    history.login(0);
    history.user(0)
        .at(300)
        .opens()
        .request(0)
        .ends(EndKind::peer_closed, 1011)
        .step(StepKind::journey_done, Outcome::closed);
    auto built = history.build();
    for (auto& event : built.events)
        if (event.is_step(StepKind::tcp_connect)) {
            event.stamp = ms(290).count(); // planned
            event.value = 4000;            // begun 4 ms late
        }
    const auto boot = classify(built, {}, LifeCycle::port_open, 0);
    REQUIRE(boot.probes.size() == 1);
    CHECK(boot.probes[0].at == ms(194));
}

TEST_CASE("A refused login decides, by its status and its Retry-After", "[explore]")
{
    const auto login = [](int status, std::string_view retry_after) {
        auto history = opened();
        done(history.user(0).at(200).step(StepKind::login, Outcome::http_status, status),
             Outcome::http_status);
        const auto symbol = history.intern(retry_after);
        auto built = history.build();
        for (auto& event : built.events)
            if (event.is_step(StepKind::login)) event.item = symbol;
        return std::string{name(classify(built, {}, LifeCycle::port_open, 0).probes.at(0).outcome)};
    };
    CHECK(login(503, "1") == "retry_later");
    CHECK(login(503, "") == "unavailable");
    CHECK(login(401, "") == "unauthorized");
}

TEST_CASE("Of each user both begins are kept, and which of them decided", "[explore]")
{
    auto history = opened();
    auto refused = history.user(0).at(200).step(StepKind::login, Outcome::http_status, 503);
    done(refused, Outcome::http_status);
    done(history.user(1).at(300).step(StepKind::login).at(360).opens().run(0).awaits().closes());
    done(history.user(2).at(400).opens().closes());
    const auto probes = classified(history).probes;
    REQUIRE(probes.size() == 3);
    CHECK(probes[0].at_login);
    CHECK(probes[0].at == ms(100));
    CHECK(probes[0].login == ms(100));
    CHECK_FALSE(probes[1].at_login);
    CHECK(probes[1].at == ms(260));
    CHECK(probes[1].login == ms(200));
    CHECK(probes[1].arrival() == ms(200));
    CHECK_FALSE(probes[2].login);
    CHECK(probes[2].arrival() == probes[2].at);
}

TEST_CASE("Users that were interrupted have no outcome", "[explore]")
{
    auto history = opened();
    done(history.user(0).at(200).opens().request(0).ends(EndKind::cancelled), Outcome::cancelled);
    done(history.user(1).at(210).step(StepKind::tcp_connect, Outcome::unreachable), Outcome::cancelled);
    const auto boot = classified(history);
    CHECK(boot.probes.empty());
    CHECK(boot.voided == 2);
}

TEST_CASE("Without the anchor's event nothing is said; ready counts from the anchor", "[explore]")
{
    auto history = opened();
    history.life_cycle(400, LifeCycle::ready);
    done(history.user(0).at(200).opens().closes());
    CHECK(classified(history).ready == ms(300));
    HistoryBuilder bare;
    done(bare.user(0).at(200).opens().closes());
    CHECK_FALSE(classified(bare).anchor);
    CHECK(classified(bare).probes.empty());
}
