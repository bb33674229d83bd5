// A request that was acknowledged (an acknowledgement, or any event of its run) reaches a terminal event;
// nothing is silently dropped.
//
// An end of the connection is not silent: `close_codes` and `five_events` judge what is lost to it. A stop
// that is ignored is for `liveness`, a terminal event that went to another connection for `routing` or
// `isolation`.
#include "checks/applicable.hpp"
#include "checks/ingress_acts.hpp"

#include <fmt/format.h>

namespace wsrace {

namespace {

bool ended_elsewhere(const History& history, const Run& run)
{
    return std::any_of(run.strays.begin(), run.strays.end(), [&](std::uint32_t position) {
        return is_terminal_event(history.events[position].frame());
    });
}

Violation dropped(const History& history, const Expectations& expectations, const IngressActs& ingress,
                  const Run& run)
{
    const std::uint32_t last = run.frames.empty() ? run.accepted : run.frames.back();
    const Event& event = history.events[last];
    auto violation = violation_at(
        history, last, fmt::format("silence after {}", name(event.frame())),
        fmt::format("{}, sent at {}: the last that was heard of it is {} at {}; watched until {}",
                    to_string(run.id), moment(history.events[run.sent].at), name(event.frame()),
                    moment(event.at), moment(watched_until(history, run))),
        fmt::format("agent_completed or agent_error within {} of the request",
                    format_duration(expectations.deadlines.run)));
    violation.request = run.id.request;
    const auto moved = ingress.moved_since(run.connection());
    if (!moved.empty()) violation.message += "; " + moved;
    violation.evidence.push_back(run.sent);
    return violation;
}

} // namespace

CheckResult judge_acknowledged(const CheckInput& input)
{
    if (sends_no_requests(input)) return skipped("acknowledged", no_requests_planned);
    Findings findings("acknowledged", "runs");
    const IngressActs ingress(input.history);
    for (const Run& run : input.runs.runs()) {
        if (run.accepted == nowhere || run.stop != nowhere) continue;
        if (!run.ended() && (run.lost != nowhere || !had_its_time(input.expectations, input.history, run)))
            continue;
        findings.judged();
        if (!run.ended() && !ended_elsewhere(input.history, run))
            findings.add(dropped(input.history, input.expectations, ingress, run));
    }
    return std::move(findings).result("no request was acknowledged");
}

} // namespace wsrace
