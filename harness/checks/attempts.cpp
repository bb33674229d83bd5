#include "checks/attempts.hpp"

#include "core/behaviour.hpp"

#include <algorithm>
#include <optional>

namespace wsrace {

namespace {

void first_wins(std::uint32_t& place, std::uint32_t position)
{
    if (place == nowhere) place = position;
}

void read_step(const Event& event, std::uint32_t position, Attempt& attempt)
{
    switch (event.step()) {
    case StepKind::tcp_connect: first_wins(attempt.tcp, position); break;
    case StepKind::tls: first_wins(attempt.tls, position); break;
    case StepKind::upgrade_sent: first_wins(attempt.sent, position); break;
    case StepKind::upgrade_answered:
        first_wins(attempt.answered, position);
        attempt.upgraded = event.outcome == Outcome::ok;
        break;
    case StepKind::welcome: first_wins(attempt.awaited, position); return;
    case StepKind::drop:
    case StepKind::aborted:
    case StepKind::close_sent: first_wins(attempt.act, position); return;
    default: return;
    }
    if (event.outcome != Outcome::ok) first_wins(attempt.failed, position);
}

void read_fault(std::string_view text, std::uint32_t position, Attempt& attempt)
{
    if (text.starts_with(forged_mark)) first_wins(attempt.forged, position);
    if (text.starts_with(shared_ticket_mark)) first_wins(attempt.shared, position);
}

Attempt read_attempt(const History& history, const ConnectionTrace& trace)
{
    Attempt attempt;
    attempt.id = trace.id;
    for (const auto position : trace.events) {
        const Event& event = history.events[position];
        if (event.kind == EventKind::step) read_step(event, position, attempt);
        if (event.kind == EventKind::end) first_wins(attempt.end, position);
        if (event.kind == EventKind::fault) read_fault(history.text(event.text), position, attempt);
        if (event.is_frame(FrameType::welcome)) first_wins(attempt.welcome, position);
        if (event.kind == EventKind::frame && is_run_event(event.frame())) attempt.answers = true;
    }
    return attempt;
}

} // namespace

std::vector<Attempt> attempts_of(const History& history, const std::vector<ConnectionTrace>& connections)
{
    std::vector<Attempt> attempts;
    attempts.reserve(connections.size());
    for (const auto& trace : connections) {
        const Attempt attempt = read_attempt(history, trace);
        if (attempt.tcp == nowhere && attempt.sent == nowhere && attempt.answered == nowhere) continue;
        attempts.push_back(attempt);
    }
    std::optional<ConnectionId> admitted; // the nearest later attempt that was upgraded
    for (auto attempt = attempts.rbegin(); attempt != attempts.rend(); ++attempt) {
        attempt->followed_up =
            admitted && admitted->user == attempt->id.user && admitted->slot == attempt->id.slot;
        if (attempt->upgraded) admitted = attempt->id;
    }
    return attempts;
}

bool excused(const History& history, const Attempt& attempt)
{
    if (attempt.failed == nowhere) return attempt.answered == nowhere;
    if (attempt.act != nowhere && attempt.act < attempt.failed) return true;
    const bool no_right = attempt.forged != nowhere || attempt.shared != nowhere;
    if (no_right && refuses_credentials(history.events[attempt.failed])) return true;
    const Outcome outcome = history.events[attempt.failed].outcome;
    return outcome == Outcome::cancelled || outcome == Outcome::skipped;
}

bool refuses_credentials(const Event& step)
{
    return step.outcome == Outcome::http_status &&
           (step.value == 400 || step.value == 401 || step.value == 403);
}

bool taken_down(const Outages& outages, const Event& step, Instant begun)
{
    if (step.outcome == Outcome::ok) return false;
    if (outages.ingress().kept_out(step)) return true;
    const UserId user{step.user};
    if (outages.ours(user, step.at)) return true;
    // A loaded harness may write down only once the target is back what was refused while it was down.
    if (step.outcome == Outcome::refused)
        return outages.refuses_by_right(user, begun) || outages.refuses_by_right(user, step.at);
    const bool transport = step.outcome == Outcome::eof || step.outcome == Outcome::reset;
    return transport && outages.took_along(user, begun, step.at);
}

bool taken_down(const History& history, const Outages& outages, const Attempt& attempt)
{
    if (attempt.failed == nowhere) return false;
    const Event& first = history.events[std::min({attempt.tcp, attempt.sent, attempt.answered})];
    if (outages.ingress().cut(attempt.id, history.events[attempt.failed].at)) return true;
    return taken_down(outages, history.events[attempt.failed], first.planned().value_or(first.at));
}

bool timed_out_in_pause(const History& history, const Pauses& pauses, const Attempt& attempt,
                        std::uint32_t position)
{
    if (position == nowhere || history.events[position].outcome != Outcome::timeout) return false;
    const Event& first = history.events[std::min({attempt.tcp, attempt.sent, attempt.answered})];
    return pauses.within(attempt.id.user, attempt.id.slot, first.planned().value_or(first.at),
                         history.events[position].at) > Duration{};
}

bool fitting_refusal(int status, std::string_view retry_after)
{
    if (status == 503) return !retry_after.empty();
    return status == 401 || status == 403 || status == 429;
}

bool refused_then_admitted(const History& history, const Attempt& attempt)
{
    if (attempt.failed == nowhere || !attempt.followed_up) return false;
    const Event& failed = history.events[attempt.failed];
    if (failed.outcome == Outcome::refused) return true; // the port was not open yet
    return failed.outcome == Outcome::http_status && fitting_refusal(failed.value, history.text(failed.text));
}

} // namespace wsrace
