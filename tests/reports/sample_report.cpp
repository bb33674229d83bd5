#include "reports/sample_report.hpp"

namespace wsrace {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

CheckResult passed(const std::string& id, std::uint64_t size, const std::string& unit)
{
    return {.id = id,
            .verdict = Verdict::pass,
            .sample_size = size,
            .sample_unit = unit,
            .reason = {},
            .violations = {},
            .affected_users = {}};
}

CheckResult skipped(const std::string& id, const std::string& reason)
{
    return {.id = id,
            .verdict = Verdict::skipped,
            .sample_unit = "runs",
            .reason = reason,
            .violations = {},
            .affected_users = {}};
}

Latency latency(const std::string& id, std::uint64_t count, microseconds median)
{
    return {id, count, median, median * 2, median * 3, median * 5, median * 8, median * 9};
}

// Positions 0 to 3 of the history: a frame that bleeds, its canary, a close, a log line.
void add_events(History& history)
{
    Event frame{.at = milliseconds{1204}, .user = 17, .slot = 1, .request = 0, .kind = EventKind::frame};
    frame.type = static_cast<std::uint8_t>(FrameType::agent_thinking);
    frame.value = 412;
    frame.run = history.intern("r-9");
    frame.set(Flag::other_canary);
    history.events.push_back(frame);
    Event canary{.at = milliseconds{1204}, .user = 17, .slot = 1, .kind = EventKind::canary};
    canary.item = history.intern("/payload/reasoning");
    canary.text = history.intern("wsrcanary0000002a000004000000000000000");
    history.events.push_back(canary);
    Event end{.at = milliseconds{1310}, .user = 17, .slot = 1, .kind = EventKind::end};
    end.type = static_cast<std::uint8_t>(EndKind::peer_closed);
    end.value = 1011;
    end.text = history.intern("internal error");
    history.events.push_back(end);
    Event log{.at = milliseconds{12400}, .kind = EventKind::log};
    log.value = 2;
    log.text = history.intern("AttributeError: 'NoneType' object has no attribute 'send'");
    history.events.push_back(log);
}

RunInfo sample_info()
{
    RunInfo info;
    info.run = RunId{42};
    info.seed = 18'446'744'073'709'551'615u;
    info.scenario = "cold_start";
    info.scenario_digest = std::string(64, 'a');
    info.plan_digest = std::string(64, 'b');
    info.version = "0.1.0";
    info.command = "wsrace run scenarios/cold_start.json --seed 18446744073709551615";
    info.target = "ws://127.0.0.1:8000/ws";
    info.started = "2026-01-01T00:00:00.123Z";
    info.machine = "2 cores, 4 GiB, Linux 6.1";
    info.users = 200;
    info.requests = 400;
    return info;
}

std::vector<Metric> sample_metrics()
{
    return {
        {"connection_success", "rate", 0.995, 0.982, 0.9986, 400, Level::pass, "failures at most 1 %"},
        {"event_latency", "ns", 38.2e6, 38.2e6, 38.2e6, 2412, Level::pass, "p95 below 100 ms"},
        {"events_missing", "per hour", 0, 0, 0, 400, Level::pass, "at most 1 per hour"},
        {"golden_path", "rate", 0.99, 0.964, 0.997, 200, Level::inconclusive, "too few users to tell 2 %"},
        {"isolation", "rate", 1, 0.998, 1, 2412, Level::pass, "no violation"}};
}

std::vector<CheckResult> sample_checks()
{
    return {passed("close_codes", 400, "connections"),
            passed("handshake", 400, "connections"),
            passed("overload_refusal", 12, "refusals"),
            passed("five_events", 400, "runs"),
            passed("exactly_once", 2412, "frames"),
            passed("event_order", 400, "runs"),
            passed("tool_pairing", 800, "tool executions"),
            passed("isolation", 2412, "frames"),
            passed("routing", 2412, "frames"),
            passed("acknowledged", 400, "requests"),
            passed("liveness", 400, "runs"),
            passed("tab_independence", 31, "closes"),
            passed("reconnect", 18, "drops"),
            skipped("idle_delivery", "no connection is idle in this scenario"),
            skipped("credentials", "switched off by the scenario"),
            passed("baseline", 6, "counters"),
            passed("server_log", 1320, "lines"),
            passed("sanitizer", 1, "processes"),
            passed("schema", 2412, "frames")};
}

} // namespace

SampleReport passing_report()
{
    SampleReport report;
    report.history.info = sample_info();
    add_events(report.history);
    report.verdict.verdict = Verdict::pass;
    report.verdict.summary = "No violation found; 398 of 400 connections opened, 396 of 400 runs completed.";
    report.verdict.checks = sample_checks();
    report.verdict.metrics = sample_metrics();
    report.verdict.latencies = {
        latency("login", 200, microseconds{2300}),       latency("connect", 400, microseconds{310}),
        latency("handshake", 400, microseconds{1200}),   latency("welcome", 400, microseconds{900}),
        latency("first_event", 400, microseconds{4100}), latency("event", 2012, microseconds{5020}),
        latency("run", 400, microseconds{31000}),        latency("ping", 0, microseconds{0}),
        latency("schedule_lag", 4000, microseconds{60})};
    report.verdict.counts = {200, 400, 398, 400, 396, 2412, 9120};
    return report;
}

CheckResult failed_check(const std::string& check, const std::string& signature, std::uint32_t count)
{
    CheckResult result{.id = check,
                       .verdict = Verdict::fail,
                       .sample_size = 2412,
                       .sample_unit = "frames",
                       .reason = {},
                       .violation_count = count,
                       .violations = {},
                       .affected_users = {}};
    for (std::uint32_t i = 0; i < count; ++i) {
        Violation violation{.check = check,
                            .signature = signature,
                            .message = "something happened",
                            .expected = "nothing",
                            .connection = ConnectionId{UserId{17 + i}, SlotId{1}, 0},
                            .request = std::uint16_t{0},
                            .other_user = std::nullopt,
                            .at = milliseconds{1204 + i},
                            .evidence = {}};
        result.violations.push_back(violation);
        result.affected_users.push_back(violation.connection->user);
    }
    return result;
}

SampleReport failing_report()
{
    auto report = passing_report();
    auto& checks = report.verdict.checks;
    checks[0] = failed_check("close_codes", "close_codes: 1011 during a run", 37);
    for (auto& violation : checks[0].violations) {
        violation.message = "closed with 1011 (internal error) while a run was going on";
        violation.expected = "the run to end first, then 1000 or no close at all";
        violation.evidence = {2, 3};
    }
    checks[7] =
        failed_check("isolation", "isolation: foreign canary in agent_thinking at /payload/reasoning", 212);
    for (auto& violation : checks[7].violations) {
        violation.message =
            to_string(*violation.connection) + ", request 0: agent_thinking carries a canary of user 4";
        violation.expected = "only canaries of its own requests";
        violation.other_user = UserId{4};
        violation.evidence = {0, 1};
    }
    checks[9].verdict = Verdict::inconclusive;
    checks[9].sample_size = 0;
    checks[9].reason = "no request was acknowledged";
    checks[15].verdict = Verdict::inconclusive;
    checks[15].required = false;
    checks[15].reason = "the target has no counters";
    report.verdict.metrics[1] = {"event_latency", "ns", 612e6,           612e6,
                                 612e6,           2412, Level::critical, "p99 is at or above 500 ms"};
    report.verdict.verdict = Verdict::fail;
    report.verdict.summary = "Violations found (close_codes 37, isolation 212); 361 of 400 connections "
                             "opened, 340 of 400 runs completed.";
    report.verdict.counts.connected = 361;
    report.verdict.counts.runs_completed = 340;
    return report;
}

SampleReport void_report()
{
    auto report = failing_report();
    report.verdict.verdict = Verdict::inconclusive;
    report.verdict.is_void = true;
    report.verdict.summary = "Void, the harness missed its own schedule (gate 0 at upgrade_sent).";
    Punctuality gate;
    gate.result = Punctuality::Result::missed;
    gate.id = "gate 0";
    gate.text = "gate 0 at upgrade_sent";
    gate.met = 398;
    gate.missing = 2;
    gate.p50 = milliseconds{3};
    gate.p99 = milliseconds{8};
    gate.max = milliseconds{9};
    gate.tolerance = milliseconds{5};
    gate.explanation = "398 connections were released, 2 had not come when time was up";
    report.verdict.schedule = {gate};
    return report;
}

SampleReport hostile_report(const std::string& text)
{
    SampleReport report;
    report.history.info = sample_info();
    report.history.info.scenario = text;
    report.history.info.target = text;
    Event log{.at = milliseconds{5}, .kind = EventKind::log};
    log.value = 2;
    log.text = report.history.intern(text);
    report.history.events.push_back(log);
    auto failed = failed_check("server_log", text, 1);
    failed.violations[0].message = text;
    failed.violations[0].expected = text;
    failed.violations[0].evidence = {0};
    auto unjudged = skipped("baseline", text);
    unjudged.verdict = Verdict::inconclusive;
    report.verdict.verdict = Verdict::fail;
    report.verdict.summary = text;
    report.verdict.checks = {failed, unjudged, skipped("credentials", text)};
    report.verdict.metrics = {{"isolation", "rate", 0, 0, 1, 1, Level::critical, text}};
    return report;
}

} // namespace wsrace
