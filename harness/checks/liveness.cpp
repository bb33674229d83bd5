// First event, gap between events and terminal event within their deadlines; `ping` is answered within its
// own, also during a run; stop_agent is honoured.
//
// A hang (nothing any more for as long as was watched) is told apart from slowness (it came, too late). Each
// run is reported at most once for each deadline. Time in which the harness itself had stopped the target
// does not count, nor does time in which it had cut a run's connection and not opened the next one. What an
// end of the connection cut short is not judged.
#include "checks/applicable.hpp"

#include <fmt/format.h>

namespace wsrace {

namespace {

class Liveness {
public:
    explicit Liveness(const CheckInput& input)
        : input_(input), history_(input.history), deadlines_(input.expectations.deadlines),
          findings_("liveness", pinged(input.history) ? "runs and pings" : "runs")
    {}

    CheckResult judge() &&
    {
        for (const Run& run : input_.runs.runs()) judge(run);
        for (const auto& connection : input_.connections) pings(connection);
        return std::move(findings_).result(
            input_.runs.runs().empty() ? "no request and no ping was sent"
                                       : "every run was cut off before any deadline, and no ping was sent");
    }

private:
    static bool pinged(const History& history)
    {
        return std::any_of(history.events.begin(), history.events.end(),
                           [](const Event& event) { return event.is_step(StepKind::ping_sent); });
    }

    Instant at(std::uint32_t position) const { return history_.events[position].at; }

    // Without the time in which the harness itself was why nothing came.
    Duration took(UserId user, SlotId slot, std::uint32_t since, Instant until) const
    {
        return until - at(since) - input_.runs.pauses().within(user, slot, at(since), until);
    }
    Duration took(const Run& run, std::uint32_t since, Instant until) const
    {
        return took(run.id.user, run.id.slot, since, until) - away(run, at(since), until);
    }
    Duration took(const ConnectionId& id, std::uint32_t since, Instant until) const
    {
        return took(id.user, id.slot, since, until);
    }

    void judge(const Run& run)
    {
        if (run.ended() || run.given_up != nowhere || run.stop != nowhere || run.first != nowhere ||
            took(run, run.sent, watched_until(history_, run)) >= deadlines_.first_event)
            findings_.judged();
        if (run.refusal != nowhere) return;
        first_event(run);
        gaps(run);
        if (run.stop != nowhere) {
            stop(run);
        } else {
            last_event(run);
        }
    }

    void first_event(const Run& run)
    {
        if (run.first == nowhere) {
            if (run.stop != nowhere || !silent_for(run, run.sent, deadlines_.first_event)) return;
            return add(run, run.sent, "hang: no event at all",
                       fmt::format("nothing came until {}", moment(watched_until(history_, run))),
                       "first event", deadlines_.first_event);
        }
        const Duration waited = took(run, run.sent, at(run.first));
        if (waited <= deadlines_.first_event) return;
        add(run, run.first, "slow: first event",
            fmt::format("the first event took {}", format_duration(waited)), "first event",
            deadlines_.first_event);
    }

    // The widest gap speaks for the run. After a stop only the terminal event counts.
    void gaps(const Run& run)
    {
        std::uint32_t widest = nowhere;
        Duration width = deadlines_.event_gap;
        for (std::size_t i = 1; i < run.frames.size(); ++i) {
            if (run.stop != nowhere && run.frames[i] > run.stop) break;
            if (run.terminal != nowhere && run.frames[i] > run.terminal) break;
            const Duration gap = took(run, run.frames[i - 1], at(run.frames[i]));
            if (gap <= width) continue;
            width = gap;
            widest = run.frames[i];
        }
        if (widest == nowhere) return;
        const auto type = name(history_.events[widest].frame());
        add(run, widest, fmt::format("slow: gap before {}", type),
            fmt::format("{} before {}", format_duration(width), type), "gap between two events",
            deadlines_.event_gap);
    }

    void last_event(const Run& run)
    {
        if (run.terminal != nowhere) {
            const Duration waited = took(run, run.sent, at(run.terminal));
            if (waited > deadlines_.run)
                add(run, run.terminal, "slow: terminal event",
                    fmt::format("the run took {}", format_duration(waited)), "terminal event",
                    deadlines_.run);
            return;
        }
        if (run.first == nowhere) return; // said by first_event()
        if (silent_for(run, run.frames.back(), deadlines_.event_gap)) {
            const auto type = name(history_.events[run.frames.back()].frame());
            add(run, run.frames.back(), fmt::format("hang after {}", type),
                fmt::format("nothing came after {} until {}", type, moment(watched_until(history_, run))),
                "next event", deadlines_.event_gap);
        } else if (run.lost == nowhere &&
                   took(run, run.sent, watched_until(history_, run)) >= deadlines_.run) {
            add(run, run.frames.back(), "slow: no end of the run",
                fmt::format("still going on at {}", moment(watched_until(history_, run))), "terminal event",
                deadlines_.run);
        }
    }

    void stop(const Run& run)
    {
        if (run.terminal != nowhere) {
            const Duration waited = took(run, run.stop, at(run.terminal));
            if (waited > deadlines_.stop)
                add(run, run.terminal, "slow: stop_agent",
                    fmt::format("the run ended {} after stop_agent", format_duration(waited)),
                    "end of a stopped run", deadlines_.stop);
        } else if (silent_for(run, run.stop, deadlines_.stop)) {
            add(run, run.stop, "hang: stop_agent ignored",
                fmt::format("no terminal event until {}", moment(watched_until(history_, run))),
                "end of a stopped run", deadlines_.stop);
        }
    }

    // Whether `limit` passed after `since`, or the journey waited in vain, while the connection was open.
    bool silent_for(const Run& run, std::uint32_t since, Duration limit) const
    {
        if (took(run, since, watched_until(history_, run)) >= limit) return true;
        if (run.given_up == nowhere || run.lost != nowhere || run.given_up < since) return false;
        return run.paused == Duration{} || took(run, since, at(run.given_up)) >= limit;
    }

    void pings(const ConnectionTrace& connection)
    {
        std::uint32_t sent = nowhere;
        for (std::size_t i = 0; i < connection.events.size(); ++i) {
            const auto position = connection.events[i];
            const Event& event = history_.events[position];
            if (event.is_step(StepKind::ping_sent) && event.outcome == Outcome::ok) sent = position;
            if (!event.is_step(StepKind::pong_awaited) || sent == nowhere) continue;
            pong(connection, i, sent);
            sent = nowhere;
        }
    }

    void pong(const ConnectionTrace& connection, std::size_t awaited, std::uint32_t sent)
    {
        const Event& step = history_.events[connection.events[awaited]];
        if (step.outcome != Outcome::ok && step.outcome != Outcome::timeout) return;
        findings_.judged();
        const auto answer =
            step.outcome == Outcome::ok ? connection.events[awaited] : late_pong(connection, awaited);
        const ConnectionId& id = connection.id;
        if (answer != nowhere && took(id, sent, at(answer)) <= deadlines_.ping) return;
        const bool stopped = took(id, sent, step.at) < step.at - at(sent);
        if (answer == nowhere && stopped && took(id, sent, step.at) < deadlines_.ping) return;
        const auto when = during_run(connection.id, sent) ? " during a run" : "";
        const Event& ping = history_.events[sent];
        const bool hang = answer == nowhere;
        auto violation = violation_at(
            history_, sent, fmt::format("{}{}", hang ? "hang: ping unanswered" : "slow: pong", when),
            fmt::format(
                "{}: ping {} sent at {}{} {}", who(ping), ping.value, moment(ping.at), when,
                hang ? "was never answered"
                     : fmt::format("was answered after {}", format_duration(took(id, sent, at(answer))))),
            fmt::format("a pong within {}", format_duration(deadlines_.ping)));
        violation.evidence.push_back(hang ? connection.events[awaited] : answer);
        findings_.add(std::move(violation));
    }

    // A pong that came after nobody waited for it any more, and before the next ping.
    std::uint32_t late_pong(const ConnectionTrace& connection, std::size_t awaited) const
    {
        for (std::size_t i = awaited + 1; i < connection.events.size(); ++i) {
            const Event& event = history_.events[connection.events[i]];
            if (event.is_step(StepKind::ping_sent)) break;
            if (event.is_frame(FrameType::pong)) return connection.events[i];
        }
        return nowhere;
    }

    bool during_run(const ConnectionId& id, std::uint32_t ping) const
    {
        const auto runs = input_.runs.runs();
        const RequestId first{id.user, id.slot, 0};
        auto run =
            std::lower_bound(runs.begin(), runs.end(), first,
                             [](const Run& candidate, RequestId wanted) { return candidate.id < wanted; });
        for (; run != runs.end() && run->id.user == id.user && run->id.slot == id.slot; ++run)
            if (run->sent < ping && std::min(run->terminal, run->refusal) > ping) return true;
        return false;
    }

    void add(const Run& run, std::uint32_t position, std::string signature, const std::string& what,
             std::string_view subject, Duration limit)
    {
        auto violation =
            violation_at(history_, position, std::move(signature),
                         fmt::format("{}, sent at {}: {}", to_string(run.id), moment(at(run.sent)), what),
                         fmt::format("{} within {}", subject, format_duration(limit)));
        violation.request = run.id.request;
        violation.evidence.push_back(run.sent);
        if (run.stop != nowhere) violation.evidence.push_back(run.stop);
        findings_.add(std::move(violation));
    }

    const CheckInput& input_;
    const History& history_;
    const Deadlines& deadlines_;
    Findings findings_;
};

} // namespace

CheckResult judge_liveness(const CheckInput& input)
{
    auto result = Liveness{input}.judge();
    if (result.verdict == Verdict::inconclusive && sends_no_requests(input))
        return skipped("liveness", "the scenario sends no requests and no pings");
    return result;
}

} // namespace wsrace
