#include "checks/thresholds.hpp"
#include "support/judging.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace wsrace;
using namespace wsrace::test;

namespace {

History clean_run(std::uint32_t users)
{
    HistoryBuilder history;
    history.info().users = users;
    history.info().requests = users;
    for (std::uint32_t user = 0; user < users; ++user) {
        history.login(user);
        history.user(user, 0).at(10 + user).opens().run(0).awaits().at(1000).closes();
        history.user(user, 1).at(10 + user).opens().run(0).awaits().at(2000).closes();
    }
    return history.build();
}

std::map<std::string, CheckResult> by_id(const RunVerdict& verdict)
{
    std::map<std::string, CheckResult> out;
    for (const auto& check : verdict.checks) out.emplace(check.id, check);
    return out;
}

const Metric& metric(const RunVerdict& verdict, std::string_view id)
{
    return *std::find_if(verdict.metrics.begin(), verdict.metrics.end(),
                         [&](const Metric& m) { return m.id == id; });
}

} // namespace

TEST_CASE("Twenty users with everything fine are a pass, though the metrics say that they cannot tell")
{
    const auto verdict = judge({}, clean_run(20));
    CHECK(verdict.verdict == Verdict::pass);
    CHECK(exit_status(verdict.verdict) == 0);
    CHECK(verdict.summary == "No violation found; 40 of 40 connections opened, 40 of 40 runs completed.");
    CHECK(metric(verdict, "connection_success").level == Level::inconclusive);
    CHECK(metric(verdict, "golden_path").level == Level::inconclusive);
    CHECK(metric(verdict, "golden_path").explanation.find("too few samples") != std::string::npos);
    CHECK(metric(verdict, "isolation").level == Level::pass);
    CHECK(metric(verdict, "events_missing").level == Level::pass);
    CHECK(verdict.counts.users == 20);
    CHECK(verdict.counts.connected == 40);
    CHECK(verdict.counts.requests == 40);
    CHECK(verdict.counts.runs_completed == 40);
    CHECK(verdict.counts.frames == 240);
    for (const auto& [id, check] : by_id(verdict)) {
        CAPTURE(id, check.reason);
        CHECK((check.verdict == Verdict::pass || check.verdict == Verdict::skipped));
        CHECK((check.verdict == Verdict::skipped) == !check.reason.empty());
    }
}

TEST_CASE("An empty history proves nothing, and no check passes")
{
    Expectations expectations;
    expectations.server_output = true;
    const auto verdict = judge(expectations, History{});
    CHECK(verdict.verdict == Verdict::inconclusive);
    CHECK(exit_status(verdict.verdict) == 3);
    REQUIRE(verdict.checks.size() == check_table().size() + 1);
    for (const auto& check : verdict.checks) {
        CAPTURE(check.id);
        if (check.id != "thresholds") CHECK(check.verdict == Verdict::inconclusive);
        CHECK_FALSE(check.reason.empty());
    }
}

TEST_CASE("A check that the scenario switches off is skipped with the scenario's reason")
{
    Expectations expectations;
    expectations.checks["isolation"] = {
        .enabled = false, .required = true, .reason = "the target has no users"};
    const auto verdict = judge(expectations, clean_run(3));
    const auto check = by_id(verdict).at("isolation");
    CHECK(check.verdict == Verdict::skipped);
    CHECK(check.reason == "switched off by the scenario: the target has no users");
    CHECK(metric(verdict, "isolation").level == Level::not_judged);
}

TEST_CASE("A check that is not required may be inconclusive in a run that passes")
{
    HistoryBuilder history;
    history.info().requests = 1;
    history.user(1).opens().request(0).event(FrameType::agent_started).closes();
    Expectations expectations;
    CHECK(judge(expectations, history.build()).verdict == Verdict::inconclusive);
    for (const auto* id : {"five_events", "tool_pairing", "acknowledged", "liveness", "isolation"})
        expectations.checks[id].required = false;
    CHECK(judge(expectations, history.build()).verdict == Verdict::pass);
}

TEST_CASE("A scenario without requests is judged by what it does")
{
    HistoryBuilder history;
    history.info().requests = 0;
    for (std::uint32_t user = 0; user < 3; ++user) history.user(user).opens().closes();
    const auto verdict = judge({}, history.build());
    CHECK(verdict.verdict == Verdict::pass);
    CHECK(by_id(verdict).at("five_events").verdict == Verdict::skipped);
}

TEST_CASE("One violation fails the run and is named in the summary")
{
    HistoryBuilder history;
    history.user(1).opens().run(0).closes();
    history.user(2).opens().run(0).at(500).ends(EndKind::peer_closed, 1011);
    const auto verdict = judge({}, history.build());
    CHECK(verdict.verdict == Verdict::fail);
    CHECK(exit_status(verdict.verdict) == 1);
    CHECK(verdict.summary ==
          "Violations found (close_codes 1); 2 of 2 connections opened, 2 of 2 runs completed.");
}

TEST_CASE("Kept violations are the first by time, and the count is complete", "[large]")
{
    HistoryBuilder history;
    for (std::uint32_t user = 0; user < 5000; ++user)
        history.user(user).at(10000 - user).opens().ends(EndKind::peer_closed, 1011);
    const auto result = ask("close_codes", history);
    CHECK(result.violation_count == 5000);
    REQUIRE(result.violations.size() == kept_violations);
    CHECK(result.violations.front().connection->user == UserId{4999});
    CHECK(result.violations.back().connection->user == UserId{4000});
    CHECK(result.affected_users.size() == 5000);
}

TEST_CASE("The level of a rate follows its interval, not its value")
{
    const Limits limits{0.01, 0.05};
    struct Row {
        std::uint64_t failures, trials;
        Level level;
    };
    const auto row = GENERATE(values<Row>({{0, 0, Level::inconclusive},
                                           {0, 20, Level::inconclusive},
                                           {0, 72, Level::inconclusive},
                                           {0, 200, Level::pass},
                                           {1, 200, Level::inconclusive},
                                           {1, 2000, Level::pass},
                                           {60, 2000, Level::warning},
                                           {200, 2000, Level::critical},
                                           {3, 20, Level::critical},
                                           {1, 20, Level::inconclusive}}));
    CAPTURE(row.failures, row.trials);
    CHECK(level_of_rate(row.failures, row.trials, limits) == row.level);
    CHECK(level_of_rate(row.failures, row.trials, {}) == Level::not_judged);
}

TEST_CASE("With a declared interval an event is late only after its due time, the first at once")
{
    HistoryBuilder history;
    auto connection = history.user(1).opens().request(0);
    connection.after(1).event(FrameType::agent_started);
    for (const FrameType type : five_events)
        if (type != FrameType::agent_started) connection.after(700).event(type);
    connection.closes();
    Expectations expectations;
    expectations.event_interval = ms(700);
    CHECK(metric(judge(expectations, history.build()), "event_latency").value < 10e6);
    CHECK(metric(judge({}, history.build()), "event_latency").value > 690e6);
}

TEST_CASE("An event is late that was due before it could be asked for")
{
    HistoryBuilder history;
    history.user(1).opens().at(1000).request(0).planned(100).five_events().closes();
    CHECK(metric(judge({}, history.build()), "event_latency").value > 900e6);
}

TEST_CASE("A latency at its limit is above it")
{
    const auto [gap, level] = GENERATE(table<int, Level>(
        {{99, Level::pass}, {100, Level::warning}, {499, Level::warning}, {500, Level::critical}}));
    HistoryBuilder history;
    for (std::uint32_t user = 0; user < 100; ++user) {
        auto connection = history.user(user).opens().request(0);
        for (const FrameType type : five_events) connection.after(gap - 1).event(type);
        connection.closes();
    }
    CHECK(metric(judge({}, history.build()), "event_latency").level == level);
}

TEST_CASE("Half a history proves nothing, though what was found in it is wrong")
{
    auto history = clean_run(20);
    history.info.truncated = true;
    CHECK(judge({}, history).verdict == Verdict::inconclusive);
    Event end = history.events.back();
    end.kind = EventKind::end;
    end.type = static_cast<std::uint8_t>(EndKind::peer_closed);
    end.user = 99;
    end.value = 1011;
    Event answered = end;
    answered.kind = EventKind::step;
    answered.type = static_cast<std::uint8_t>(StepKind::upgrade_answered);
    history.events.insert(history.events.end(), {answered, end});
    CHECK(judge({}, history).verdict == Verdict::fail);
}

TEST_CASE("A critical metric fails the run through the check thresholds")
{
    HistoryBuilder history;
    for (std::uint32_t user = 0; user < 40; ++user) {
        auto connection = history.user(user).opens().request(0);
        for (const FrameType type : five_events) connection.after(700).event(type);
        connection.closes();
    }
    const auto verdict = judge({}, history.build());
    CHECK(metric(verdict, "event_latency").level == Level::critical);
    CHECK(metric(verdict, "event_latency").value == Approx(701e6).margin(1e6));
    CHECK(verdict.verdict == Verdict::fail);
    CHECK(by_id(verdict).at("thresholds").violations.at(0).signature == "thresholds: event_latency critical");
    Expectations off;
    off.checks["thresholds"] = {.enabled = false, .required = true, .reason = "slow on purpose"};
    CHECK(judge(off, history.build()).verdict == Verdict::pass);
}

TEST_CASE("A scenario that names thresholds as required is inconclusive when a metric is")
{
    Expectations expectations;
    expectations.checks["thresholds"] = {};
    const auto verdict = judge(expectations, clean_run(20));
    CHECK(verdict.verdict == Verdict::inconclusive);
    CHECK(verdict.summary.find("connection_success") != std::string::npos);
}

TEST_CASE("Latencies count from the planned time of an operation")
{
    HistoryBuilder history;
    history.user(1).opens().at(100).request(0);
    auto built = history.build();
    built.events.back().stamp = ms(40).count(); // planned 60 ms before it could be sent
    Event first = built.events.back();
    first.at = ms(110);
    first.kind = EventKind::frame;
    first.type = static_cast<std::uint8_t>(FrameType::agent_started);
    first.set(Flag::own_canary);
    built.events.push_back(first);
    const auto verdict = judge({}, built);
    const auto latency = [&](std::string_view id) {
        return *std::find_if(verdict.latencies.begin(), verdict.latencies.end(),
                             [&](const Latency& l) { return l.id == id; });
    };
    CHECK(latency("first_event").p50 == ms(70));
    CHECK(latency("schedule_lag").max == ms(60));
    CHECK(latency("handshake").p99 == ms(1));
    CHECK(latency("welcome").count == 1);
}

TEST_CASE("A latency's bins hold each of its samples once, and lie beside each other")
{
    const auto verdict = judge({}, clean_run(20));
    REQUIRE_FALSE(verdict.latencies.empty());
    for (const auto& latency : verdict.latencies) {
        std::uint64_t samples = 0;
        for (std::size_t i = 0; i < latency.bins.size(); ++i) {
            CHECK(latency.bins[i].from < latency.bins[i].until);
            if (i > 0) CHECK(latency.bins[i].from == latency.bins[i - 1].until);
            samples += latency.bins[i].count;
        }
        CHECK(samples == latency.count);
        CHECK(latency.bins.front().count > 0);
        CHECK(latency.bins.back().count > 0);
        CHECK(latency.bins.back().from <= latency.max);
        CHECK(latency.max < latency.bins.back().until);
    }
}

TEST_CASE("Fifteen thousand users with three requests each are judged", "[large]")
{
    HistoryBuilder history;
    for (std::uint32_t user = 0; user < 15000; ++user) {
        history.login(user);
        auto connection = history.user(user).at(10 + user % 100).opens();
        connection.note(EventKind::mention, "user-" + std::to_string(user), "/user_id");
        connection.run(0).run(1).run(2).awaits().closes();
    }
    const auto verdict = judge({}, history.build());
    CHECK(verdict.verdict == Verdict::pass);
    CHECK(verdict.counts.runs_completed == 45000);
    CHECK(metric(verdict, "golden_path").level == Level::pass);
    CHECK(metric(verdict, "connection_success").level == Level::pass);
}
