// Login, connect, upgrade and welcome each within their deadline; refusals come before accept, with a
// fitting status. How an attempt failed is kept apart in the signature: refused, HTTP status, TLS, reset,
// timeout are different findings.
//
// An attempt that was turned away in order (503 with Retry-After, 429, 401, 403, a port not open yet; after
// accept 1012 or 1013) and whose retry got in is no violation, and the same of a login; one that never got in
// is. What other codes before the welcome mean is for `close_codes`.
#include "checks/attempts.hpp"
#include "checks/judge.hpp"
#include "checks/runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

namespace wsrace {

namespace {

std::string failure(const History& history, const Event& step)
{
    if (step.outcome != Outcome::http_status)
        return fmt::format("{}: {}", name(step.step()), name(step.outcome));
    const auto retry_after = step.is_step(StepKind::login) ? step.item : step.text;
    const bool bare_503 = step.value == 503 && history.text(retry_after).empty();
    return fmt::format("{}: HTTP {}{}", name(step.step()), step.value,
                       bare_503 ? " without Retry-After" : "");
}

class Handshake {
public:
    explicit Handshake(const CheckInput& input)
        : history_(input.history), deadlines_(input.expectations.deadlines),
          expected_codes_(input.expectations.expected_close_codes), outages_(input.history),
          pauses_(input.runs.pauses()), findings_("handshake", "handshakes")
    {}

    CheckResult judge(const std::vector<ConnectionTrace>& connections) &&
    {
        logins();
        for (const Attempt& attempt : attempts_of(history_, connections)) {
            if (excused(history_, attempt)) continue;
            if (taken_down(history_, outages_, attempt)) continue;
            if (timed_out_in_pause(history_, pauses_, attempt, attempt.failed)) continue;
            findings_.judged();
            attempted_ = true;
            if (attempt.failed != nowhere) {
                refused(attempt);
            } else {
                upgraded(attempt);
            }
        }
        if (!attempted_ && findings_.clean()) return inconclusive("handshake", "nobody tried to connect");
        return std::move(findings_).result("nobody tried to connect");
    }

private:
    // Backwards in time, so that a refusal is met after the retry that got in.
    void logins()
    {
        for (auto position = static_cast<std::uint32_t>(history_.events.size()); position-- > 0;)
            if (history_.events[position].is_step(StepKind::login)) login(position);
    }

    void login(std::uint32_t position)
    {
        const Event& step = history_.events[position];
        if (step.outcome == Outcome::ok) logged_in_.insert(step.user);
        if (step.outcome == Outcome::ok || step.outcome == Outcome::cancelled) return;
        if (step.outcome == Outcome::skipped) return;
        const Instant begun = step.planned().value_or(step.at);
        if (taken_down(outages_, step, begun)) return;
        if (step.outcome == Outcome::timeout &&
            pauses_.within(UserId{step.user}, begun, step.at) > Duration{})
            return;
        const bool fitting =
            step.outcome == Outcome::http_status && fitting_refusal(step.value, history_.text(step.item));
        if (fitting && logged_in_.contains(step.user)) return;
        add(position, failure(history_, step), "failed", "a login that succeeds within its deadline");
    }

    void refused(const Attempt& attempt)
    {
        if (refused_then_admitted(history_, attempt)) return;
        const Event& step = history_.events[attempt.failed];
        const bool fitting =
            step.outcome == Outcome::http_status && fitting_refusal(step.value, history_.text(step.text));
        add(attempt.failed, failure(history_, step), fitting ? "refused for good" : "failed",
            "101 within its deadline, or a refusal with a fitting status and a retry that is admitted");
    }

    void upgraded(const Attempt& attempt)
    {
        const Event& answer = history_.events[attempt.answered];
        if (attempt.sent != nowhere)
            within(attempt.answered, "101", answer.at - history_.events[attempt.sent].at,
                   deadlines_.handshake);
        if (attempt.welcome != nowhere) {
            const Event& welcome = history_.events[attempt.welcome];
            within(attempt.welcome, "welcome", welcome.at - answer.at, deadlines_.welcome);
        } else if (!turned_away(attempt)) {
            no_welcome(attempt);
        }
    }

    void no_welcome(const Attempt& attempt)
    {
        if (attempt.awaited == nowhere || history_.events[attempt.awaited].outcome != Outcome::timeout)
            return;
        if (timed_out_in_pause(history_, pauses_, attempt, attempt.awaited)) return;
        add(attempt.awaited, "no welcome", "got no welcome within its deadline",
            fmt::format("a welcome within {}", format_duration(deadlines_.welcome)));
    }

    // A close that says no, between accept and welcome.
    bool turned_away(const Attempt& attempt)
    {
        if (attempt.end == nowhere || attempt.answers) return false;
        const Event& end = history_.events[attempt.end];
        if (end.end() != EndKind::peer_closed || expected_codes_.contains(end.value)) return false;
        const bool policy = end.value == 1003 || end.value == 1008;
        const bool later = end.value == 1012 || end.value == 1013;
        if (later && (attempt.followed_up || outages_.ours(attempt.id.user, end.at))) return true;
        if (policy || later)
            add(attempt.end, fmt::format("closed with {} after accept", end.value),
                later ? "was told to come back, and never got in" : "was refused after accept",
                "a refusal before accept, with a fitting status");
        return policy || later;
    }

    // Time in which the harness itself had stopped the target does not count.
    void within(std::uint32_t position, std::string_view what, Duration took, Duration limit)
    {
        const Event& event = history_.events[position];
        took -= pauses_.within(UserId{event.user}, SlotId{event.slot}, event.at - took, event.at);
        if (took <= limit) return;
        add(position, fmt::format("{} late", what), fmt::format("{} took {}", what, format_duration(took)),
            fmt::format("{} within {}", what, format_duration(limit)));
    }

    void add(std::uint32_t position, std::string signature, std::string_view what, std::string expected)
    {
        const Event& event = history_.events[position];
        auto message = fmt::format("{}: {} ({}), at {}", who(event), what, signature, moment(event.at));
        findings_.add(
            violation_at(history_, position, std::move(signature), std::move(message), std::move(expected)));
    }

    const History& history_;
    const Deadlines& deadlines_;
    const std::set<int>& expected_codes_;
    Outages outages_;
    const Pauses& pauses_;
    Findings findings_;
    std::unordered_set<std::uint32_t> logged_in_; // users
    bool attempted_ = false;
};

} // namespace

CheckResult judge_handshake(const CheckInput& input) { return Handshake{input}.judge(input.connections); }

} // namespace wsrace
