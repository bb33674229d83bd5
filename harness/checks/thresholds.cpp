#include "checks/thresholds.hpp"

#include "checks/attempts.hpp"
#include "checks/latencies.hpp"
#include "checks/missing_events.hpp"
#include "checks/runs.hpp"
#include "core/behaviour.hpp"
#include "core/statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

namespace wsrace {

namespace {

std::string limits_text(const Limits& limits)
{
    const auto one = [](const std::optional<double>& limit) {
        return limit ? fmt::format("{:g} %", *limit * 100) : std::string{"unset"};
    };
    return fmt::format("warning above {}, critical above {}", one(limits.warning), one(limits.critical));
}

std::string_view standing(Level level)
{
    switch (level) {
    case Level::pass: return "within the limits";
    case Level::warning: return "above the warning limit";
    case Level::critical: return "above the critical limit";
    case Level::inconclusive: return "too few samples to tell";
    case Level::not_judged: return "not judged";
    }
    return "";
}

// A rate of successes, judged by its failures.
Metric success_rate(std::string_view id, std::string_view unit, std::uint64_t failures, std::uint64_t trials,
                    const Limits& limits)
{
    Metric metric;
    metric.id = id;
    metric.unit = "rate";
    metric.sample_size = trials;
    metric.level = level_of_rate(failures, trials, limits);
    const auto failed = wilson_interval(failures, trials);
    metric.low = 1 - failed.high;
    metric.high = 1 - failed.low;
    if (trials == 0) {
        metric.explanation = fmt::format("no {}, nothing to judge", unit);
        return metric;
    }
    metric.value = 1 - static_cast<double>(failures) / static_cast<double>(trials);
    metric.explanation =
        fmt::format("{} of {} {} failed: {:.2f} % ({:.2f} to {:.2f} % with 95 % confidence); {}: {}",
                    failures, trials, unit, 100 * (1 - metric.value), 100 * failed.low, 100 * failed.high,
                    limits_text(limits), standing(metric.level));
    return metric;
}

// Whether the attempt came to nothing because the harness had taken the target down, or stopped it.
bool prevented(const CheckInput& input, const Outages& outages, const Attempt& attempt)
{
    const History& history = input.history;
    const Pauses& pauses = input.runs.pauses();
    if (taken_down(history, outages, attempt)) return true;
    if (timed_out_in_pause(history, pauses, attempt, attempt.failed)) return true;
    if (attempt.awaited == nowhere || attempt.answered == nowhere || attempt.welcomed()) return false;
    if (timed_out_in_pause(history, pauses, attempt, attempt.awaited)) return true;
    return taken_down(outages, history.events[attempt.awaited], history.events[attempt.answered].at);
}

Metric connection_success(const CheckInput& input)
{
    const Outages outages(input.history);
    std::uint64_t trials = 0;
    std::uint64_t failures = 0;
    for (const Attempt& attempt : attempts_of(input.history, input.connections)) {
        if (excused(input.history, attempt) || refused_then_admitted(input.history, attempt)) continue;
        if (prevented(input, outages, attempt)) continue;
        const bool unwelcome = attempt.awaited != nowhere && !attempt.welcomed() &&
                               input.history.events[attempt.awaited].outcome != Outcome::ok &&
                               input.history.events[attempt.awaited].outcome != Outcome::cancelled;
        ++trials;
        if (!attempt.upgraded || unwelcome) ++failures;
    }
    return success_rate("connection_success", "connections", failures, trials,
                        input.expectations.thresholds.connection_failures);
}

std::uint64_t at_or_above(const std::vector<Duration>& values, Duration limit)
{
    return static_cast<std::uint64_t>(
        std::count_if(values.begin(), values.end(), [limit](Duration value) { return value >= limit; }));
}

Level latency_level(const std::vector<Duration>& values, const Thresholds& thresholds)
{
    if (!thresholds.event_latency_p95 && !thresholds.event_latency_p99) return Level::not_judged;
    if (values.empty()) return Level::inconclusive;
    Level worst = Level::pass;
    if (thresholds.event_latency_p99) {
        const auto level = level_of_rate(at_or_above(values, *thresholds.event_latency_p99), values.size(),
                                         {std::nullopt, 0.01});
        if (level == Level::critical) return level;
        worst = level;
    }
    if (thresholds.event_latency_p95) {
        const auto level = level_of_rate(at_or_above(values, *thresholds.event_latency_p95), values.size(),
                                         {0.05, std::nullopt});
        if (level == Level::warning || level == Level::inconclusive) worst = level;
    }
    return worst;
}

Metric event_latency(const CheckInput& input)
{
    const auto& thresholds = input.expectations.thresholds;
    auto values = event_lateness(input);
    Metric metric;
    metric.id = "event_latency";
    metric.unit = "ns";
    metric.sample_size = values.size();
    metric.level = latency_level(values, thresholds);
    if (values.empty()) {
        metric.explanation = "no event of a run arrived, nothing to judge";
        return metric;
    }
    const Duration p99 = quantile(values, 0.99);
    const Duration p95 = quantile(values, 0.95);
    metric.value = metric.low = metric.high = static_cast<double>(p95.count());
    const auto limit = [](const std::optional<Duration>& value) {
        return value ? format_duration(*value) : "unset";
    };
    metric.explanation = fmt::format(
        "p95 {}, p99 {} of {} events, {}; warning from p95 {}, critical from p99 {}: {}",
        format_duration(p95), format_duration(p99), values.size(),
        input.expectations.event_interval ? "after their due times" : "after the event before",
        limit(thresholds.event_latency_p95), limit(thresholds.event_latency_p99), standing(metric.level));
    return metric;
}

Metric events_missing(const CheckInput& input)
{
    const Limits& limits = input.expectations.thresholds.events_missing_per_hour;
    std::uint64_t missing = 0;
    Metric metric;
    metric.id = "events_missing";
    metric.unit = "per hour";
    for (const Run& run : input.runs.runs()) {
        if (run.stop != nowhere || !had_its_time(input.expectations, input.history, run)) continue;
        const bool may_fail = input.expectations.failed_runs_allowed || run.squats;
        if (may_fail && failed(input.history, run)) continue;
        ++metric.sample_size;
        missing += missing_events(input.history, run, input.expectations.run_events).size();
    }
    const double hours = std::chrono::duration<double, std::ratio<3600>>(input.history.duration()).count();
    if (metric.sample_size == 0 || hours <= 0) {
        metric.level = Level::inconclusive;
        metric.explanation = "no run could be judged";
        return metric;
    }
    metric.value = metric.low = metric.high = static_cast<double>(missing) / hours;
    metric.level = Level::pass;
    if (limits.warning && metric.value > *limits.warning) metric.level = Level::warning;
    if (limits.critical && metric.value > *limits.critical) metric.level = Level::critical;
    if (!limits.warning && !limits.critical) metric.level = Level::not_judged;
    const auto rate =
        metric.value < 1000 ? fmt::format("{:.3g}", metric.value) : fmt::format("{:.0f}", metric.value);
    metric.explanation =
        fmt::format("{} events missing from {} runs in {}, {} per hour: {}", missing, metric.sample_size,
                    format_duration(input.history.duration()), rate, standing(metric.level));
    return metric;
}

// Users who did something and were neither interrupted nor kept from it by an outage that the harness made,
// and those of them whose journey was given up.
struct Journeys {
    std::unordered_set<std::uint32_t> users, failed;
};

// Users whose connection or login fell to an outage or pause that the harness made, or to its ingress.
std::unordered_set<std::uint32_t> taken_down_users(const CheckInput& input)
{
    const auto& events = input.history.events;
    const Outages outages(input.history);
    std::unordered_set<std::uint32_t> out;
    for (const Attempt& attempt : attempts_of(input.history, input.connections)) {
        const UserId user = attempt.id.user;
        const bool ended = attempt.end != nowhere && attempt.answered != nowhere &&
                           (outages.ingress().cut(attempt.id, events[attempt.end].at) ||
                            outages.took_along(user, events[attempt.answered].at, events[attempt.end].at));
        if (ended || prevented(input, outages, attempt)) out.insert(user.value);
    }
    for (const Event& event : events) {
        if (!event.is_step(StepKind::login)) continue;
        const Instant begun = event.planned().value_or(event.at);
        const bool paused = event.outcome == Outcome::timeout &&
                            input.runs.pauses().within(UserId{event.user}, begun, event.at) > Duration{};
        if (paused || taken_down(outages, event, begun)) out.insert(event.user);
    }
    return out;
}

Journeys journeys(const CheckInput& input)
{
    const History& history = input.history;
    Journeys out;
    std::unordered_set<std::uint32_t> interrupted;
    for (const Event& event : history.events) {
        if (event.kind != EventKind::step || event.user == no_user) continue;
        out.users.insert(event.user);
        if (event.outcome == Outcome::cancelled) interrupted.insert(event.user);
        if (event.is_step(StepKind::journey_done) && event.outcome != Outcome::ok)
            out.failed.insert(event.user);
    }
    for (const auto user : taken_down_users(input))
        if (out.failed.contains(user)) interrupted.insert(user);
    // Who goes early, forges or squats on purpose is not on the golden path.
    for (const Event& event : history.events)
        if (event.kind == EventKind::fault && history.text(event.text).starts_with(behaviour_mark))
            interrupted.insert(event.user);
    for (const auto user : interrupted) {
        out.users.erase(user);
        out.failed.erase(user);
    }
    return out;
}

Metric golden_path(const CheckInput& input, const std::vector<CheckResult>& results)
{
    auto [users, failed] = journeys(input);
    for (const CheckResult& result : results)
        for (const UserId user : result.affected_users)
            if (users.contains(user.value)) failed.insert(user.value);
    return success_rate("golden_path", "users", failed.size(), users.size(),
                        input.expectations.thresholds.golden_path_failures);
}

Metric isolation(const std::vector<CheckResult>& results)
{
    Metric metric;
    metric.id = "isolation";
    metric.unit = "rate";
    const auto found = std::find_if(results.begin(), results.end(),
                                    [](const CheckResult& result) { return result.id == "isolation"; });
    if (found == results.end() || found->verdict == Verdict::skipped ||
        found->verdict == Verdict::inconclusive) {
        const bool skip = found == results.end() || found->verdict == Verdict::skipped;
        metric.level = skip ? Level::not_judged : Level::inconclusive;
        metric.explanation = found == results.end() ? "not checked" : found->reason;
        return metric;
    }
    metric.sample_size = found->sample_size;
    const auto frames = std::max<std::uint64_t>(found->sample_size, 1);
    const auto foreign = std::min(found->violation_count, frames);
    metric.value = metric.low = metric.high = 1 - static_cast<double>(foreign) / static_cast<double>(frames);
    metric.level = found->verdict == Verdict::pass ? Level::pass : Level::critical;
    metric.explanation = fmt::format("{} violations in {} frames; critical from the first",
                                     found->violation_count, found->sample_size);
    return metric;
}

} // namespace

Level level_of_rate(std::uint64_t failures, std::uint64_t trials, const Limits& limits)
{
    if (!limits.warning && !limits.critical) return Level::not_judged;
    if (trials == 0) return Level::inconclusive;
    const auto failed = wilson_interval(failures, trials);
    if (limits.critical && failed.low > *limits.critical) return Level::critical;
    if (limits.warning && failed.low > *limits.warning) return Level::warning;
    const double lowest = limits.warning.value_or(*limits.critical);
    const double highest = limits.critical.value_or(lowest);
    if (failed.high <= lowest) return Level::pass;
    return failures == 0 && failed.high < highest ? Level::pass : Level::inconclusive;
}

std::vector<Metric> metrics(const CheckInput& input, const std::vector<CheckResult>& results)
{
    return {connection_success(input), event_latency(input), events_missing(input),
            golden_path(input, results), isolation(results)};
}

CheckResult judge_thresholds(const Expectations& expectations, const History& history,
                             const std::vector<Metric>& metrics)
{
    Findings findings("thresholds", "metrics");
    const auto setting = expectations.checks.find("thresholds");
    const bool asked_for = setting != expectations.checks.end();
    if (asked_for && !setting->second.enabled) return switched_off("thresholds", setting->second);
    std::string unknown;
    for (const Metric& metric : metrics) {
        if (metric.level == Level::inconclusive)
            unknown += (unknown.empty() ? "" : "; ") + metric.id + ": " + metric.explanation;
        if (metric.level == Level::inconclusive || metric.level == Level::not_judged) continue;
        findings.judged();
        if (metric.level != Level::critical) continue;
        Violation violation;
        violation.signature = metric.id + " critical";
        violation.message = metric.id + ": " + metric.explanation;
        violation.expected = "a level that is not critical";
        violation.at = history.duration();
        findings.add(std::move(violation));
    }
    if (findings.clean() && asked_for && !unknown.empty()) return inconclusive("thresholds", unknown);
    return std::move(findings).result_or_skipped(unknown);
}

} // namespace wsrace
