#include "checks/judge.hpp"

#include "checks/findings.hpp"
#include "checks/latencies.hpp"
#include "checks/link_losses.hpp"
#include "checks/nearby_log.hpp"
#include "checks/punctuality.hpp"
#include "checks/runs.hpp"
#include "checks/thresholds.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <exception>
#include <unordered_set>

namespace wsrace {

namespace {

CheckResult run_check(const CheckEntry& entry, const CheckInput& input)
{
    const auto setting = input.expectations.checks.find(std::string{entry.id});
    if (setting != input.expectations.checks.end() && !setting->second.enabled)
        return switched_off(entry.id, setting->second);
    try {
        return entry.judge(input);
    } catch (const std::exception& error) {
        return inconclusive(entry.id, fmt::format("the check itself failed: {}", error.what()));
    } catch (...) {
        return inconclusive(entry.id, "the check itself failed with an unknown exception");
    }
}

RunVerdict::Counts count(const CheckInput& input)
{
    RunVerdict::Counts counts;
    std::unordered_set<std::uint32_t> users;
    for (const Event& event : input.history.events) {
        if (event.user != no_user) users.insert(event.user);
        if (event.kind == EventKind::frame) ++counts.frames;
        if (event.is_step(StepKind::tcp_connect)) ++counts.connections_attempted;
        if (event.is_step(StepKind::upgrade_answered) && event.outcome == Outcome::ok) ++counts.connected;
    }
    counts.users = users.size();
    counts.connections_attempted = std::max(counts.connections_attempted, counts.connected);
    counts.requests = input.runs.runs().size();
    counts.events = input.history.events.size();
    for (const Run& run : input.runs.runs())
        if (run.terminal != nowhere &&
            input.history.events[run.terminal].is_frame(FrameType::agent_completed))
            ++counts.runs_completed;
    return counts;
}

bool required(const Expectations& expectations, const std::string& id)
{
    const auto setting = expectations.checks.find(id);
    return setting == expectations.checks.end() || setting->second.required;
}

bool any_of(const std::vector<Punctuality>& schedule, Punctuality::Result result)
{
    return std::any_of(schedule.begin(), schedule.end(),
                       [result](const Punctuality& one) { return one.result == result; });
}

// Half a history may look clean, but proves nothing. What was found while the harness was late may be its own
// doing.
Verdict overall(const Expectations& expectations, const RunVerdict& judged, bool torn)
{
    const auto& checks = judged.checks;
    const auto any = [&](Verdict verdict, bool only_required) {
        return std::any_of(checks.begin(), checks.end(), [&](const CheckResult& check) {
            return check.verdict == verdict && (!only_required || required(expectations, check.id));
        });
    };
    if (judged.is_void) return Verdict::inconclusive;
    if (any(Verdict::fail, false)) return Verdict::fail;
    const auto untried = any_of(judged.schedule, Punctuality::Result::unmet);
    if (torn || untried || any(Verdict::inconclusive, true)) return Verdict::inconclusive;
    return any(Verdict::pass, false) ? Verdict::pass
                                     : Verdict::inconclusive; // everything switched off proves nothing
}

std::string summarise(const RunVerdict& verdict, const Expectations& expectations)
{
    std::vector<std::string> named;
    for (const auto& one : verdict.schedule)
        if ((verdict.is_void && one.result == Punctuality::Result::missed) ||
            (verdict.verdict == Verdict::inconclusive && one.result == Punctuality::Result::unmet))
            named.push_back(fmt::format("{}: {}", one.text, one.explanation));
    for (const auto& check : verdict.checks) {
        if ((verdict.verdict == Verdict::fail || verdict.is_void) && check.verdict == Verdict::fail)
            named.push_back(fmt::format("{} {}", check.id, check.violation_count));
        if (verdict.verdict == Verdict::inconclusive && !verdict.is_void &&
            check.verdict == Verdict::inconclusive && required(expectations, check.id))
            named.push_back(fmt::format("{}: {}", check.id, check.reason));
    }
    const auto& counts = verdict.counts;
    const auto done = fmt::format("{} of {} connections opened, {} of {} runs completed", counts.connected,
                                  counts.connections_attempted, counts.runs_completed, counts.requests);
    if (verdict.is_void)
        return fmt::format("Void, the harness missed its own schedule ({}); {}.", fmt::join(named, "; "),
                           done);
    const auto& expected = expectations.run_events;
    const auto events =
        expected.declared() ? std::string{} : fmt::format(" Events of a run: {}.", describe(expected));
    switch (verdict.verdict) {
    case Verdict::fail:
        return fmt::format("Violations found ({}); {}.{}", fmt::join(named, ", "), done, events);
    case Verdict::inconclusive:
        return fmt::format("Nothing proven ({}); {}.{}", fmt::join(named, "; "), done, events);
    case Verdict::pass:
    case Verdict::skipped: break;
    }
    return fmt::format("No violation found; {}.{}", done, events);
}

} // namespace

RunVerdict judge(const Expectations& expectations, const History& recorded)
{
    const auto excused = with_losses_as_drops(recorded);
    const auto& history = excused ? *excused : recorded;
    const auto connections = connections_of(history);
    const RunTable runs(history, connections, expectations.run_events);
    const CheckInput input{expectations, history, connections, runs};

    RunVerdict verdict;
    for (const CheckEntry& entry : check_table()) verdict.checks.push_back(run_check(entry, input));
    attach_nearby_log(verdict.checks, input);
    verdict.metrics = metrics(input, verdict.checks);
    verdict.checks.push_back(judge_thresholds(expectations, history, verdict.metrics));
    for (auto& check : verdict.checks) check.required = required(expectations, check.id);
    verdict.latencies = latencies(input);
    verdict.counts = count(input);
    verdict.schedule = punctuality(expectations, history);
    verdict.is_void = any_of(verdict.schedule, Punctuality::Result::missed);
    verdict.verdict = overall(expectations, verdict, history.info.truncated);
    verdict.summary = summarise(verdict, expectations);
    return verdict;
}

} // namespace wsrace
