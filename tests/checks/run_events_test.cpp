// Targets whose runs do not have all five events: declared, learned, or neither.
#include "core/step_spec.hpp"
#include "support/judging.hpp"

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

Expectations expecting(Types types, const std::vector<Types>& order = {}, std::uint32_t learned_from = 0)
{
    auto expectations = narrow_expectations();
    expectations.run_events.types = std::move(types);
    expectations.run_events.order = pairs_of(order);
    expectations.run_events.learned_from = learned_from;
    return expectations;
}

Expectations not_yet_learned()
{
    auto expectations = narrow_expectations();
    expectations.run_events = RunEvents::not_yet_learned();
    return expectations;
}

HistoryBuilder run_of(const Types& types)
{
    HistoryBuilder history;
    history.info().requests = 1;
    history.login(1);
    auto user = history.user(1).opens().request(0);
    for (const FrameType type : types) user.event(type, type == executing || type == executed ? "x" : "");
    const auto ends = !types.empty() && types.back() == completed;
    if (!ends) user.at(30'020);
    user.awaits(ends ? Outcome::ok : Outcome::timeout).closes();
    return history;
}

const Expectations without_tools = expecting({started, thinking, completed});

} // namespace

TEST_CASE("A run with all events that are declared passes every check")
{
    const auto history = run_of({started, thinking, completed});
    CHECK(failing(history.build(), without_tools).empty());
    CHECK(ask("five_events", history, without_tools).sample_size == 1);
    CHECK(failing(history.build()) == std::set<std::string>{"five_events"});
}

TEST_CASE("A declared event that never comes is found")
{
    const auto result = ask("five_events", run_of({started, completed}), without_tools);
    CHECK(signatures(result) == Signatures{"no agent_thinking"});
    CHECK_THAT(result.violations.at(0).message, Catch::Contains("2 of 3 event types; no agent_thinking"));
    CHECK_THAT(result.violations.at(0).expected,
               Catch::StartsWith("agent_started, agent_thinking, agent_completed within "));
}

TEST_CASE("An event that is not expected is welcome, and may be late")
{
    CHECK(
        failing(run_of({started, thinking, executing, executed, completed}).build(), without_tools).empty());
    HistoryBuilder late;
    late.user(1).opens().request(0).event(started).event(thinking).event(completed).at(30'020).event(
        executing);
    CHECK(ask("five_events", late, without_tools).verdict == Verdict::pass);
    auto with_tool = expecting({started, thinking, executing, completed});
    CHECK(signatures(ask("five_events", late, with_tool)) == Signatures{"late tool_executing"});
}

TEST_CASE("Nothing at all is no event of any type, not none that is expected")
{
    CHECK(signatures(ask("five_events", run_of({}), without_tools)) == Signatures{"nothing at all"});
    const auto only_last = expecting({completed});
    CHECK(signatures(ask("five_events", run_of({}), only_last)) == Signatures{"nothing at all"});
    const auto result = ask("five_events", run_of({started}), only_last);
    CHECK(signatures(result) == Signatures{"no agent_completed"});
    CHECK_THAT(result.violations.at(0).message, Catch::Contains("0 of 1 event type;"));
}

TEST_CASE("Of a target whose events are not declared a run needs its end only")
{
    CHECK(failing(run_of({completed}).build(), not_yet_learned()).empty());
    CHECK(failing(run_of({thinking, started, completed}).build(), not_yet_learned()).empty());
    CHECK(failing(run_of({started}).build(), not_yet_learned()) ==
          std::set<std::string>{"five_events", "acknowledged", "liveness"});
}

TEST_CASE("Nobody asks for pairs of tools where none are expected; those that are there are judged")
{
    const auto none = run_of({started, thinking, completed});
    CHECK(ask("tool_pairing", none).verdict == Verdict::inconclusive);
    for (const auto& expectations : {without_tools, not_yet_learned()}) {
        const auto result = ask("tool_pairing", none, expectations);
        CHECK(result.verdict == Verdict::skipped);
        CHECK_FALSE(result.reason.empty());
        CHECK(ask("tool_pairing", run_of({started, executing, completed}), expectations).verdict ==
              Verdict::fail);
    }
    const auto half = expecting({started, executing, completed});
    CHECK(ask("tool_pairing", run_of({started, executing, completed}), half).verdict == Verdict::skipped);
}

TEST_CASE("A learned order is kept to by the first events of each type")
{
    const auto learned = expecting({started, thinking, executing, executed, completed},
                                   {{started, thinking, executing, executed, completed}}, 9);
    const auto found = [&](const Types& types, const Expectations& expectations) {
        return signatures(ask("event_order", run_of(types), expectations));
    };
    CHECK(found({started, thinking, executing, thinking, executed, completed}, learned).empty());
    const Types early{started, executing, thinking, executed, completed};
    CHECK(found(early, learned) == Signatures{"tool_executing before agent_thinking"});
    CHECK(found(early, narrow_expectations()).empty());
    CHECK(found({thinking, started, executing, executed, completed}, learned) ==
          Signatures{"agent_thinking before agent_started"});
    CHECK(found({started, executing, executed, completed}, learned).empty()); // that is for five_events
    CHECK(found({started, executing, executed, completed, thinking}, learned) ==
          Signatures{"agent_thinking after agent_completed"}); // once
}

TEST_CASE("A declared order is kept to besides what is true of every run, and nothing is said twice")
{
    const auto declared =
        expecting({started, thinking, executing, completed}, {{started, thinking, executing, completed}});
    const auto found = [&](const Types& types) {
        return signatures(ask("event_order", run_of(types), declared));
    };
    CHECK(found({started, thinking, executing, completed}).empty());
    CHECK(found({started, executing, thinking, completed}) ==
          Signatures{"tool_executing before agent_thinking"});
    CHECK(found({thinking, started, executing, completed}) ==
          Signatures{"agent_thinking before agent_started"});
}

TEST_CASE("A target that was seen to begin otherwise need not begin with agent_started")
{
    const auto learned = expecting({started, thinking, completed}, {{thinking, started, completed}}, 9);
    CHECK(failing(run_of({thinking, started, completed}).build(), learned).empty());
    CHECK(signatures(ask("event_order", run_of({started, thinking, completed}), learned)) ==
          Signatures{"agent_started before agent_thinking"});
}

TEST_CASE("First events may have been lost with a connection that was dropped")
{
    const auto learned =
        expecting({started, thinking, executing, executed, completed}, {{thinking, executing, completed}}, 9);
    HistoryBuilder history;
    history.login(1);
    history.user(1).opens().request(0).event(started).event(executing, "x").drops();
    history.user(1, 0, 1)
        .at(100)
        .opens()
        .answers(0)
        .event(thinking, "2")
        .event(executed, "x")
        .event(completed)
        .closes();
    CHECK(ask("event_order", history, learned).verdict == Verdict::pass);
}

TEST_CASE("A reset may have thrown away the next event that is expected, and no other")
{
    const auto cut = [](const Types& before, const Types& behind) {
        HistoryBuilder history;
        history.login(1);
        auto asked = history.user(1).opens().request(0);
        for (const FrameType type : before) asked.event(type);
        asked.step(StepKind::drop, Outcome::ok, static_cast<int>(Ending::reset)).flagged(Flag::reset);
        asked.ends(EndKind::we_dropped);
        auto next = history.user(1, 0, 1).at(100).opens().answers(0);
        for (const FrameType type : behind) next.event(type);
        next.awaits(behind.empty() ? Outcome::timeout : Outcome::ok).closes();
        return history.build();
    };
    CHECK(failing(cut({started}, {completed}), without_tools).empty());
    CHECK(failing(cut({started, thinking}, {}), without_tools).empty());
    CHECK(failing(cut({started, thinking}, {})).contains("reconnect"));
    CHECK(failing(cut({}, {completed}), without_tools).contains("five_events"));
}

TEST_CASE("Missing events are counted by what is expected")
{
    const auto missing = [](const Types& types, const Expectations& expectations) {
        for (const auto& metric : judge(expectations, run_of(types).build()).metrics)
            if (metric.id == "events_missing") return metric.explanation;
        return std::string{};
    };
    CHECK_THAT(missing({started, thinking, completed}, without_tools), Catch::StartsWith("0 events"));
    CHECK_THAT(missing({started, completed}, without_tools), Catch::StartsWith("1 events"));
    CHECK_THAT(missing({started, thinking, completed}, narrow_expectations()), Catch::StartsWith("2 events"));
}

TEST_CASE("The summary says what was expected of a target that declares nothing")
{
    const auto summary = [](const Expectations& expectations) {
        return judge(expectations, run_of({started, thinking, completed}).build()).summary;
    };
    CHECK_THAT(summary(not_yet_learned()), Catch::Contains("only agent_completed is expected"));
    CHECK_THAT(summary(expecting({started, completed}, {}, 9)),
               Catch::EndsWith("Events of a run: learned from 9 runs: agent_started, agent_completed."));
    CHECK_THAT(summary(without_tools), !Catch::Contains("Events of a run"));
}
