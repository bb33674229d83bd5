#include "checks/punctuality.hpp"

#include "support/judging.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::test;
using namespace std::chrono_literals;

namespace {

using Result = Punctuality::Result;

Expectations expecting_gate(Duration tolerance)
{
    Expectations expectations;
    expectations.gates = {{.text = "gate 0 at request", .tolerance = tolerance}};
    return expectations;
}

Expectations expecting_constraint(Duration tolerance)
{
    Expectations expectations;
    expectations.constraints = {{.text = "constraint 0: connect 5 ms after close", .tolerance = tolerance}};
    return expectations;
}

Event gate_event(GateStep step, Instant at, std::uint32_t user, Symbol group = no_symbol)
{
    Event event;
    event.kind = EventKind::gate;
    event.type = static_cast<std::uint8_t>(step);
    event.at = at;
    event.user = user;
    event.request = 0;
    event.item = group;
    return event;
}

Event opened(Instant at, std::int32_t missing, Symbol group = no_symbol)
{
    auto event = gate_event(GateStep::opened, at, no_user, group);
    event.value = missing;
    return event;
}

Event constrained(Outcome outcome, Instant due, Instant at, std::uint32_t user = 1)
{
    Event event;
    event.kind = EventKind::constraint;
    event.outcome = outcome;
    event.user = user;
    event.request = 0;
    event.at = at;
    if (outcome == Outcome::ok) event.stamp = due.count();
    return event;
}

// Ten users released one millisecond apart.
History released(std::int32_t missing = 0)
{
    History history;
    history.events = {opened(ms(100), missing)};
    for (std::uint32_t user = 0; user < 10; ++user)
        history.events.push_back(gate_event(GateStep::released, ms(101 + user), user));
    return history;
}

Punctuality only(const Expectations& expectations, const History& history)
{
    const auto all = punctuality(expectations, history);
    REQUIRE(all.size() == 1);
    return all[0];
}

// A run that is clean but for what is added to it.
History with_clean_run(const std::vector<Event>& more, bool with_failure = false)
{
    HistoryBuilder builder;
    auto user = builder.user(3);
    user.opens().run(0).step(StepKind::close_sent);
    if (with_failure) builder.user(4).opens().request(0).five_events().ends(EndKind::peer_closed, 1011);
    auto history = builder.build();
    history.events.insert(history.events.end(), more.begin(), more.end());
    return history;
}

} // namespace

TEST_CASE("The skew of a gate counts from the first of the group that is released", "[gates]")
{
    const auto gate = only(expecting_gate(9ms), released());
    CHECK(gate.result == Result::kept);
    CHECK(gate.met == 10);
    CHECK(gate.p50 == 5ms);
    CHECK(gate.max == 9ms);
    CHECK_THAT(gate.explanation,
               Catch::Contains("10 connections were released; skew p99 9 ms, at most 9 ms wanted"));
}

TEST_CASE("Groups of a gate have a first of their own each", "[gates]")
{
    auto history = released();
    const auto group = history.intern("1");
    history.events.push_back(opened(ms(500), 0, group));
    history.events.push_back(gate_event(GateStep::released, ms(501), 10, group));
    history.events.push_back(gate_event(GateStep::released, ms(503), 11, group));
    const auto gate = only(expecting_gate(9ms), history);
    CHECK(gate.met == 12);
    CHECK(gate.max == 9ms);
    CHECK(gate.result == Result::kept);
}

TEST_CASE("A gate is missed by a skew beyond its tolerance, or by connections that did not come", "[gates]")
{
    CHECK(only(expecting_gate(8ms), released()).result == Result::missed);
    CHECK(only(expecting_gate(0ms), released()).result == Result::missed);
    auto late = released(1);
    late.events.push_back(gate_event(GateStep::late, ms(900), 10));
    const auto gate = only(expecting_gate(1s), late);
    CHECK(gate.result == Result::missed);
    CHECK(gate.missing == 1);
    CHECK(gate.late == 1);
    CHECK_THAT(gate.explanation, Catch::Contains("1 had not come when time was up, 1 came too late"));
}

TEST_CASE("Connections that could not come any more make no gate late, but one alone is no gate", "[gates]")
{
    auto history = released();
    history.events.push_back(gate_event(GateStep::left, ms(50), 11));
    CHECK(only(expecting_gate(1s), history).result == Result::kept);
    CHECK(only(expecting_gate(1s), history).left == 1);
    History alone;
    alone.events = {gate_event(GateStep::left, ms(50), 11), opened(ms(50), 0),
                    gate_event(GateStep::released, ms(51), 0)};
    CHECK(only(expecting_gate(1s), alone).result == Result::unmet);
    CHECK(only(expecting_gate(1s), History{}).result == Result::unmet);
}

TEST_CASE("The lateness of a constraint counts from when its step was due", "[gates]")
{
    History history;
    for (std::int64_t i = 0; i < 200; ++i)
        history.events.push_back(constrained(Outcome::ok, ms(10 * i), ms(10 * i) + (i < 199 ? 200us : 30ms)));
    const auto constraint = only(expecting_constraint(1ms), history);
    CHECK(constraint.result == Result::kept); // by its p99; the one that was too late is told
    CHECK(constraint.late == 1);
    CHECK(constraint.p99 == 200us);
    CHECK(constraint.max == 30ms);
    CHECK(only(expecting_constraint(100us), history).result == Result::missed);
}

TEST_CASE("A constraint is missed when what it waited for did not come in time", "[gates]")
{
    History history;
    history.events = {constrained(Outcome::ok, ms(5), ms(5) + 10us),
                      constrained(Outcome::timeout, {}, ms(900))};
    CHECK(only(expecting_constraint(1ms), history).result == Result::missed);
    history.events[1].outcome = Outcome::skipped;
    CHECK(only(expecting_constraint(1ms), history).result == Result::kept);
    history.events.erase(history.events.begin());
    CHECK(only(expecting_constraint(1ms), history).result == Result::unmet);
}

TEST_CASE("A void execution is inconclusive whatever its checks say, and its findings are listed", "[gates]")
{
    const std::vector<Event> gate{opened(ms(0), 0), gate_event(GateStep::released, ms(1), 3),
                                  gate_event(GateStep::released, ms(7), 4)};
    const auto history = with_clean_run(gate, true);
    auto tight = expecting_gate(5ms);
    tight.checks["thresholds"].enabled = false;
    const auto is_void = judge(tight, history);
    CHECK(is_void.is_void);
    CHECK(is_void.verdict == Verdict::inconclusive);
    CHECK(exit_status(is_void.verdict) == 3);
    CHECK_THAT(is_void.summary,
               Catch::StartsWith("Void, the harness missed its own schedule (gate 0 at request: "));
    CHECK_THAT(is_void.summary, Catch::Contains("close_codes 1"));
    auto wide = tight;
    wide.gates[0].tolerance = 6ms;
    const auto on_time = judge(wide, history);
    CHECK_FALSE(on_time.is_void);
    CHECK(on_time.verdict == Verdict::fail);
}

TEST_CASE("What did not take place proves nothing, and excuses nothing", "[gates]")
{
    Expectations expectations = expecting_gate(5ms);
    for (const auto& entry : check_table()) expectations.checks[std::string{entry.id}].required = false;
    const auto clean = judge(expectations, with_clean_run({}));
    CHECK(clean.verdict == Verdict::inconclusive);
    CHECK_THAT(clean.summary, Catch::Contains("gate 0 at request: 0 connections were released"));
    CHECK(judge(expectations, with_clean_run({}, true)).verdict == Verdict::fail);
    expectations.gates.clear();
    CHECK(judge(expectations, with_clean_run({})).verdict == Verdict::pass);
}
