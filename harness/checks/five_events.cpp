// Every accepted request yields all five event types before its deadline: those of them that the target's
// runs are declared to have, or were learned to have. Any other is welcome.
//
// Every request that was sent on an open connection counts as accepted. Not judged: requests that the
// harness cut off itself or stopped, and those it did not watch for a whole deadline. A run that failed, or
// a request answered by an error, is a violation unless the scenario allows failed runs.
#include "checks/applicable.hpp"
#include "checks/ingress_acts.hpp"
#include "checks/missing_events.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace wsrace {

namespace {

std::vector<std::string_view> names(const std::vector<FrameType>& types)
{
    std::vector<std::string_view> out;
    out.reserve(types.size());
    for (const FrameType type : types) out.push_back(name(type));
    return out;
}

class FiveEvents {
public:
    explicit FiveEvents(const CheckInput& input)
        : history_(input.history), expectations_(input.expectations),
          expected_(input.expectations.run_events), ingress_(input.history), findings_("five_events", "runs")
    {}

    CheckResult judge(std::span<const Run> runs) &&
    {
        for (const Run& run : runs) {
            if (run.stop != nowhere || !had_its_time(expectations_, history_, run)) continue;
            if (run.squats && failed(history_, run)) continue; // it had no right to that thread
            findings_.judged();
            judge(run);
        }
        return std::move(findings_).result(
            runs.empty() ? "no request was sent" : "every run was cut off or stopped by the harness itself");
    }

private:
    void judge(const Run& run)
    {
        const auto missing = missing_events(history_, run, expected_);
        if (missing.empty()) return in_time(run);
        if (expectations_.failed_runs_allowed && failed(history_, run)) return;
        const auto what = fmt::format("no {}", fmt::join(names(missing), ", "));
        const auto how = ending(run);
        const auto moved = ingress_.moved_since(run.connection());
        add(run, last(run),
            fmt::format("{}{}{}", nothing_came(run, missing) ? "nothing at all" : what, how,
                        moved.empty() ? "" : "; on another instance"),
            fmt::format("{}{}{}{}", what, how, moved.empty() ? "" : "; ", moved));
    }

    bool nothing_came(const Run& run, const std::vector<FrameType>& missing) const
    {
        return missing.size() == expected_.types.size() &&
               std::none_of(run.frames.begin(), run.frames.end(), [this](std::uint32_t position) {
                   return is_one_of(five_events, history_.events[position].frame());
               });
    }

    template <typename Types>
    static bool is_one_of(const Types& types, FrameType type)
    {
        return std::find(types.begin(), types.end(), type) != types.end();
    }

    void in_time(const Run& run)
    {
        const Instant sent = history_.events[run.sent].at;
        const Instant limit =
            sent + expectations_.deadlines.run + run.paused + away(run, sent, history_.duration());
        std::set<FrameType> seen;
        std::vector<FrameType> late;
        for (const auto position : run.frames) {
            const Event& frame = history_.events[position];
            const bool first = seen.insert(frame.frame()).second;
            const bool counts = is_one_of(expected_.types, frame.frame());
            if (first && counts && frame.at > limit) late.push_back(frame.frame());
        }
        if (late.empty()) return;
        const auto what = fmt::format("late {}", fmt::join(names(late), ", "));
        add(run, run.frames.back(), what,
            fmt::format("{}, at {}", what, moment(history_.events[run.frames.back()].at)));
    }

    std::string ending(const Run& run) const
    {
        if (run.refusal != nowhere) return "; refused by an error_message";
        if (run.terminal != nowhere) {
            const Event& terminal = history_.events[run.terminal];
            if (terminal.is_frame(FrameType::agent_error)) return "; the run ended with agent_error";
            return terminal.has(Flag::failed_status) ? "; the run ended with a failed status" : "";
        }
        if (run.lost == nowhere) return "";
        const Event& end = history_.events[run.lost];
        if (end.end() == EndKind::peer_closed) return fmt::format("; the target closed with {}", end.value);
        return fmt::format("; the connection ended: {}", name(end.end()));
    }

    std::string all() const
    {
        if (expected_.types.size() == five_events.size()) return "all five event types";
        return fmt::format("{}", fmt::join(names(expected_.types), ", "));
    }

    static std::uint32_t last(const Run& run)
    {
        if (run.terminal != nowhere) return run.terminal;
        if (run.refusal != nowhere) return run.refusal;
        return run.lost;
    }

    void add(const Run& run, std::uint32_t position, std::string signature, const std::string& what)
    {
        const Event& sent = history_.events[run.sent];
        auto violation = violation_at(
            history_, run.sent, std::move(signature),
            fmt::format("{}, sent at {}: {}; {}", to_string(run.id), moment(sent.at),
                        event_types_seen(history_, run, expected_), what),
            fmt::format("{} within {} of the request", all(), format_duration(expectations_.deadlines.run)));
        for (const auto frame : run.frames) violation.evidence.push_back(frame);
        if (position != nowhere) violation.evidence.push_back(position);
        findings_.add(std::move(violation));
    }

    const History& history_;
    const Expectations& expectations_;
    const RunEvents& expected_;
    IngressActs ingress_;
    Findings findings_;
};

} // namespace

CheckResult judge_five_events(const CheckInput& input)
{
    if (sends_no_requests(input)) return skipped("five_events", no_requests_planned);
    return FiveEvents{input}.judge(input.runs.runs());
}

} // namespace wsrace
