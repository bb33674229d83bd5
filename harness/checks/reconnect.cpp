// After a drop in the middle of a run the rest arrives exactly once, in order, on the new connection, or an
// explicit failure does (agent_error, or an error_message that names the run). And the new connection works.
//
// Judged are runs whose connection the harness dropped and opened again, once what happened to the rest is
// known: it ended, or the journey waited for it for as long as a run may take; and requests on such a
// reopened connection. What was on its way when the connection was cut belongs to the rest: nobody has
// received it; but for one event that a reset may have thrown away (checks/reset_losses.hpp). What the
// harness ended with the target's process in between is nobody's fault.
#include "checks/applicable.hpp"
#include "checks/attempts.hpp"
#include "checks/missing_events.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace wsrace {

namespace {

class Reconnect {
public:
    explicit Reconnect(const CheckInput& input)
        : input_(input), history_(input.history), attempts_(attempts_of(input.history, input.connections)),
          outages_(input.history), findings_("reconnect", "dropped runs and requests after a drop")
    {}

    CheckResult judge() &&
    {
        for (const Run& run : input_.runs.runs()) {
            if (!run.drops.empty()) rest(run);
            if (reopened_after_drop(run)) fresh(run);
        }
        if (history_.events.empty()) return std::move(findings_).result("nothing happened");
        return std::move(findings_).result_or_skipped("no connection was dropped and opened again");
    }

private:
    Instant at(std::uint32_t position) const { return history_.events[position].at; }

    // The last one, but for those that came when nobody waited for the run any more.
    static std::uint32_t last_drop(const Run& run)
    {
        const auto behind = std::upper_bound(run.drops.begin(), run.drops.end(), run.given_up);
        return behind == run.drops.begin() ? run.drops.back() : *std::prev(behind);
    }

    // The connection that followed the run's last drop on its slot; null: none was upgraded.
    const Attempt* next_connection(const Run& run) const
    {
        const ConnectionId dropped = history_.events[last_drop(run)].connection();
        const auto next = std::find_if(
            std::upper_bound(attempts_.begin(), attempts_.end(), dropped,
                             [](const ConnectionId& id, const Attempt& attempt) { return id < attempt.id; }),
            attempts_.end(), [](const Attempt& attempt) { return attempt.upgraded; });
        const bool same =
            next != attempts_.end() && next->id.user == run.id.user && next->id.slot == run.id.slot;
        return same ? &*next : nullptr;
    }

    void rest(const Run& run)
    {
        const Attempt* next = next_connection(run);
        if (next == nullptr || run.stop != nowhere || run.return_unclear) return;
        if (!run.ended()) {
            const auto taken = outages_.between(run.id.user, at(last_drop(run)), at(next->answered));
            if (!taken && waited_in_vain(run, *next)) never_came(run, *next);
            return;
        }
        const auto end = run.terminal == nowhere ? run.refusal : run.terminal;
        if (end < run.drops.front()) return;
        findings_.judged();
        if (failed(history_, run)) return; // said so
        const auto missing = missing_events(history_, run, input_.expectations.run_events);
        if (!missing.empty())
            add(run, end, fmt::format("rest without {}", fmt::join(names(missing), ", ")),
                "the whole rest of the run");
        repeated(run);
        out_of_order(run);
    }

    bool waited_in_vain(const Run& run, const Attempt& next) const
    {
        if (run.given_up != nowhere && run.given_up > last_drop(run) && run.lost == nowhere) return true;
        const auto left = std::min(next.act, next.end);
        const Instant until = left == nowhere ? history_.duration() : at(left);
        const auto& deadlines = input_.expectations.deadlines;
        return until - at(next.answered) >= std::max(deadlines.run, deadlines.event_gap);
    }

    void never_came(const Run& run, const Attempt& next)
    {
        findings_.judged();
        const auto last = run.frames.empty() ? run.sent : run.frames.back();
        const auto resumed = run.holder > run.incarnation;
        const auto stray = std::any_of(run.strays.begin(), run.strays.end(),
                                       [&](std::uint32_t position) { return position > run.drops.front(); });
        const auto signature = stray     ? "rest went to another connection"
                               : resumed ? "rest broke off on the new connection"
                                         : "rest never came";
        add(run, next.answered, signature, "the rest of the run, or agent_error, on the new connection",
            last);
    }

    void repeated(const Run& run)
    {
        for (const auto position : run.repeats) {
            if (position < run.drops.front()) continue;
            const Event& frame = history_.events[position];
            add(run, position,
                fmt::format("{} again after the drop{}", name(frame.frame()),
                            frame.has(Flag::recovered) ? " (recovered)" : ""),
                "each event of the run once, on one connection or the other");
        }
    }

    // By the target's own clock, and by the end of the run.
    void out_of_order(const Run& run)
    {
        std::uint32_t newest = nowhere;
        for (const auto position : run.frames) {
            const Event& frame = history_.events[position];
            const bool rest = position > run.drops.front();
            if (rest && run.terminal != nowhere && position > run.terminal)
                return add(run, position,
                           fmt::format("{} after the end, after the drop", name(frame.frame())),
                           "the rest in order", run.terminal);
            if (frame.stamp == no_stamp) continue;
            if (rest && newest != nowhere && frame.stamp < history_.events[newest].stamp)
                return add(run, position,
                           fmt::format("{} out of order after the drop{}", name(frame.frame()),
                                       frame.has(Flag::recovered) ? " (recovered)" : ""),
                           "the rest in order", newest);
            newest = position;
        }
    }

    // Whether the run was asked on a connection before which the harness had dropped another one of the slot.
    bool reopened_after_drop(const Run& run) const
    {
        const auto own =
            std::lower_bound(attempts_.begin(), attempts_.end(), run.connection(),
                             [](const Attempt& attempt, const ConnectionId& id) { return attempt.id < id; });
        for (auto before = own; before != attempts_.begin();) {
            --before;
            if (before->id.user != run.id.user || before->id.slot != run.id.slot) return false;
            if (before->upgraded)
                return before->act != nowhere && history_.events[before->act].is_step(StepKind::drop);
        }
        return false;
    }

    void fresh(const Run& run)
    {
        const bool answered = run.first != nowhere || run.refusal != nowhere;
        if (run.stop != nowhere || run.lost != nowhere) return;
        if (!answered && !had_its_time(input_.expectations, history_, run)) return;
        findings_.judged();
        if (!answered)
            add(run, run.sent, "nothing on the reopened connection",
                "events, as on the connection before the drop");
    }

    static std::vector<std::string_view> names(const std::vector<FrameType>& types)
    {
        std::vector<std::string_view> out;
        out.reserve(types.size());
        for (const FrameType type : types) out.push_back(name(type));
        return out;
    }

    void add(const Run& run, std::uint32_t position, std::string signature, std::string expected,
             std::uint32_t other = nowhere)
    {
        auto message = fmt::format("{}, sent at {}", to_string(run.id), moment(at(run.sent)));
        if (!run.drops.empty())
            message += fmt::format(", its connection dropped at {}", moment(at(run.drops.back())));
        message += fmt::format(": {}, at {}; {}", signature, moment(at(position)),
                               event_types_seen(history_, run, input_.expectations.run_events));
        auto violation =
            violation_at(history_, position, std::move(signature), std::move(message), std::move(expected));
        violation.request = run.id.request;
        violation.evidence.push_back(run.sent);
        if (!run.drops.empty()) violation.evidence.push_back(run.drops.back());
        if (other != nowhere) violation.evidence.push_back(other);
        findings_.add(std::move(violation));
    }

    const CheckInput& input_;
    const History& history_;
    std::vector<Attempt> attempts_;
    Outages outages_;
    Findings findings_;
};

} // namespace

CheckResult judge_reconnect(const CheckInput& input)
{
    if (sends_no_requests(input)) return skipped("reconnect", no_requests_planned);
    return Reconnect{input}.judge();
}

} // namespace wsrace
