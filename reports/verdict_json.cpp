#include "reports/evidence.hpp"
#include "reports/prepared.hpp"
#include "reports/target_usage.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <map>

namespace wsrace {

namespace {

using Json = nlohmann::ordered_json;

constexpr int format_version = 1;
constexpr std::size_t written_in_full = 200; // violations of one signature; the counts are always complete

// Milliseconds with microseconds as their decimals: what a person reads, without the noise of binary
// fractions.
double milliseconds(Duration duration)
{
    return std::round(static_cast<double>(duration.count()) / 1e3) / 1e3;
}

// JSON has no NaN and no infinity.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json run_json(const PreparedReport& report)
{
    const auto& info = report.info;
    return {{"id", to_string(info.run)},
            {"scenario", info.scenario},
            {"scenario_digest", info.scenario_digest},
            {"plan_digest", info.plan_digest},
            {"seed", std::to_string(info.seed)}, // 64 bits: more than a JavaScript number holds
            {"command", info.command},
            {"target", info.target},
            {"version", info.version},
            {"started", info.started},
            {"duration_ms", milliseconds(report.history.duration())},
            {"machine", info.machine},
            {"users", info.users},
            {"first_user", info.first_user},
            {"connections_per_user", info.connections},
            {"requests", info.requests},
            {"interrupted", info.interrupted},
            {"truncated", info.truncated}};
}

Json counts_json(const RunVerdict::Counts& counts)
{
    return {{"users", counts.users},
            {"connections_attempted", counts.connections_attempted},
            {"connected", counts.connected},
            {"requests", counts.requests},
            {"runs_completed", counts.runs_completed},
            {"frames", counts.frames},
            {"events", counts.events}};
}

Json evidence_json(const History& history, const Violation& violation)
{
    Json evidence = Json::array();
    for (const auto position : violation.evidence) {
        const auto at = position < history.events.size() ? history.events[position].at : Instant{};
        evidence.push_back(
            {{"event", position}, {"at_ms", milliseconds(at)}, {"text", event_line(history, position)}});
    }
    return evidence;
}

Json violation_json(const History& history, const Violation& violation)
{
    Json json{{"signature", violation.signature}, {"at_ms", milliseconds(violation.at)}};
    if (const auto& connection = violation.connection) {
        json["user"] = connection->user.value;
        json["connection"] = {{"slot", connection->slot.value}, {"incarnation", connection->incarnation}};
    }
    if (violation.request) json["request"] = *violation.request;
    if (violation.other_user) json["other_user"] = violation.other_user->value;
    json["message"] = violation.message;
    json["expected"] = violation.expected;
    json["evidence"] = evidence_json(history, violation);
    return json;
}

Json violations_json(const History& history, const CheckResult& check)
{
    Json violations = Json::array();
    std::map<std::string_view, std::size_t> written;
    for (const auto& violation : check.violations)
        if (written[violation.signature]++ < written_in_full)
            violations.push_back(violation_json(history, violation));
    return violations;
}

Json check_json(const History& history, const CheckResult& check)
{
    return {{"id", check.id},
            {"verdict", name(check.verdict)},
            {"required", check.required},
            {"sample_size", check.sample_size},
            {"sample_unit", check.sample_unit},
            {"reason", check.reason},
            {"violation_count", check.violation_count},
            {"violations_not_kept", not_kept(check)},
            {"affected_users", check.affected_users.size()},
            {"violations", violations_json(history, check)}};
}

Json signature_json(const SignatureGroup& group)
{
    const auto& first = *group.violations.front();
    return {{"check", group.check},
            {"signature", group.signature},
            {"count", group.count},
            {"users", group.users},
            {"first", {{"at_ms", milliseconds(first.at)}, {"who", who(first)}, {"message", first.message}}}};
}

Json metric_json(const Metric& metric)
{
    return {{"id", metric.id},
            {"unit", metric.unit},
            {"value", number(metric.value)},
            {"low", number(metric.low)},
            {"high", number(metric.high)},
            {"sample_size", metric.sample_size},
            {"level", name(metric.level)},
            {"explanation", metric.explanation}};
}

Json latency_json(const Latency& latency)
{
    return {{"id", latency.id},
            {"count", latency.count},
            {"p50_ns", latency.p50.count()},
            {"p90_ns", latency.p90.count()},
            {"p95_ns", latency.p95.count()},
            {"p99_ns", latency.p99.count()},
            {"p999_ns", latency.p999.count()},
            {"max_ns", latency.max.count()}};
}

Json punctuality_json(const Punctuality& one)
{
    return {{"id", one.id},
            {"text", one.text},
            {"result", name(one.result)},
            {"met", one.met},
            {"late", one.late},
            {"missing", one.missing},
            {"left", one.left},
            {"p50_ns", one.p50.count()},
            {"p99_ns", one.p99.count()},
            {"max_ns", one.max.count()},
            {"tolerance_ns", one.tolerance.count()},
            {"explanation", one.explanation}};
}

Json usage_json(const TargetUsage& usage)
{
    return {{"instance", usage.instance},
            {"cpu_ms", std::chrono::duration_cast<std::chrono::milliseconds>(usage.cpu).count()},
            {"memory_kib", usage.memory_kib},
            {"threads", usage.threads}};
}

template <typename Items, typename ToJson>
Json array_of(const Items& items, ToJson to_json)
{
    Json array = Json::array();
    for (const auto& item : items) array.push_back(to_json(item));
    return array;
}

} // namespace

std::string verdict_json(const ReportInput& input)
{
    const PreparedReport report{input};
    const auto& verdict = report.verdict;
    const auto check = [&](const CheckResult& result) { return check_json(report.history, result); };
    const Json json{{"format_version", format_version},
                    {"verdict", name(verdict.verdict)},
                    {"void", verdict.is_void},
                    {"summary", verdict.summary},
                    {"exit_status", exit_status(verdict.verdict)},
                    {"run", run_json(report)},
                    {"counts", counts_json(verdict.counts)},
                    {"signatures", array_of(report.groups, signature_json)},
                    {"checks", array_of(verdict.checks, check)},
                    {"metrics", array_of(verdict.metrics, metric_json)},
                    {"latencies", array_of(verdict.latencies, latency_json)},
                    {"schedule", array_of(verdict.schedule, punctuality_json)},
                    {"target_usage", array_of(target_usage(report.history), usage_json)}};
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

} // namespace wsrace
