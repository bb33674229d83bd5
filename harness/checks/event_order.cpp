// agent_started first, the terminal event last, nothing after it; timestamps parse and do not go back within
// a run. Where the profile or a hunt's serial baseline says in which order the first events of each type
// come, they do; of a target whose events are not declared, that is all that is known of what comes first.
//
// Repeated deliveries are for `exactly_once`, a missing agent_started is for `five_events`.
#include "checks/applicable.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wsrace {

namespace {

// Between two timestamps of a target, in microseconds. One of the year 9999 is legal; so long a time does not
// fit nanoseconds, and 292 years say as much.
Duration between(std::int64_t earlier, std::int64_t later)
{
    using std::chrono::microseconds;
    return std::min(microseconds{later - earlier}, std::chrono::duration_cast<microseconds>(Duration::max()));
}

class EventOrder {
public:
    explicit EventOrder(const CheckInput& input)
        : history_(input.history), expected_(input.expectations.run_events), findings_("event_order", "runs")
    {}

    CheckResult judge(std::span<const Run> runs) &&
    {
        for (const Run& run : runs) {
            if (run.frames.empty()) continue;
            findings_.judged();
            judge(run);
        }
        return std::move(findings_).result("no run yielded an event");
    }

private:
    void judge(const Run& run)
    {
        const auto started =
            expected_.declared() ? first_of(run, FrameType::agent_started) : run.frames.end();
        std::uint32_t newest =
            nowhere; // of the frames so far that are in order: the one with the latest timestamp
        for (auto position = run.frames.begin(); position != run.frames.end(); ++position) {
            const Event& frame = history_.events[*position];
            if (started != run.frames.end() && position < started) {
                add(run, *position, *started, fmt::format("{} before agent_started", name(frame.frame())),
                    "agent_started first");
            } else if (run.terminal != nowhere && *position > run.terminal) {
                const auto terminal = name(history_.events[run.terminal].frame());
                add(run, *position, run.terminal, fmt::format("{} after {}", name(frame.frame()), terminal),
                    "the terminal event last");
            } else {
                timestamp(run, *position, newest);
            }
        }
        first_events(run);
    }

    std::vector<std::uint32_t>::const_iterator first_of(const Run& run, FrameType type) const
    {
        return std::find_if(run.frames.begin(), run.frames.end(),
                            [&](std::uint32_t position) { return history_.events[position].is_frame(type); });
    }

    // Of a run whose connection was dropped, first events may have been lost. What comes before a declared
    // agent_started, or after the terminal event, is found above.
    void first_events(const Run& run)
    {
        if (!run.drops.empty()) return;
        for (const auto& [earlier, later] : expected_.order) {
            const auto judged_above = expected_.declared() && earlier == FrameType::agent_started;
            if (judged_above || later == FrameType::agent_completed) continue;
            const auto one = first_of(run, earlier);
            const auto other = first_of(run, later);
            if (one == run.frames.end() || other == run.frames.end() || one < other) continue;
            if (*one > run.terminal) continue;
            add(run, *other, *one, fmt::format("{} before {}", name(later), name(earlier)),
                fmt::format("the first {} before the first {}", name(earlier), name(later)));
        }
    }

    void timestamp(const Run& run, std::uint32_t position, std::uint32_t& newest)
    {
        const Event& frame = history_.events[position];
        if (frame.has(Flag::bad_timestamp)) {
            add(run, position, nowhere,
                fmt::format("{} has a timestamp that does not parse", name(frame.frame())),
                "ISO 8601, or seconds since the epoch");
            return;
        }
        if (frame.stamp == no_stamp) return;
        if (newest == nowhere || history_.events[newest].stamp <= frame.stamp) {
            newest = position;
            return;
        }
        add(run, position, newest, fmt::format("timestamp goes back at {}", name(frame.frame())),
            fmt::format("a timestamp not before that of {}, which is {} later",
                        name(history_.events[newest].frame()),
                        format_duration(between(frame.stamp, history_.events[newest].stamp))));
    }

    void add(const Run& run, std::uint32_t position, std::uint32_t other, std::string signature,
             std::string expected)
    {
        const Event& frame = history_.events[position];
        auto message = fmt::format("{}: {} at {}", to_string(run.id), signature, moment(frame.at));
        if (other != nowhere) {
            const Event& against = history_.events[other];
            message += fmt::format(" ({} came at {})", name(against.frame()), moment(against.at));
        }
        auto violation =
            violation_at(history_, position, std::move(signature), std::move(message), std::move(expected));
        violation.request = run.id.request;
        if (other != nowhere) violation.evidence.push_back(other);
        findings_.add(std::move(violation));
    }

    const History& history_;
    const RunEvents& expected_;
    Findings findings_;
};

} // namespace

CheckResult judge_event_order(const CheckInput& input)
{
    if (sends_no_requests(input)) return skipped("event_order", no_requests_planned);
    return EventOrder{input}.judge(input.runs.runs());
}

} // namespace wsrace
