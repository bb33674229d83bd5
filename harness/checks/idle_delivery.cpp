// A connection older than the idle time still receives events.
//
// Judged are requests on connections that had been open for the idle time or longer, whether or not anything
// passed on them meanwhile: tables that forget are seldom refreshed by traffic. What counts is the first
// event: a run that begins and then stops is for other checks. Age is not why a target is silent that does
// not answer on most of the young connections either.
#include "checks/applicable.hpp"
#include "checks/attempts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace wsrace {

namespace {

class IdleDelivery {
public:
    explicit IdleDelivery(const CheckInput& input)
        : input_(input), history_(input.history), idle_(input.expectations.idle_after),
          attempts_(attempts_of(input.history, input.connections)),
          findings_("idle_delivery", "requests on old connections")
    {}

    CheckResult judge() &&
    {
        for (const Run& run : input_.runs.runs()) count_if_young(run);
        for (const Run& run : input_.runs.runs()) judge(run);
        const auto why =
            fmt::format("no request was sent on a connection older than {}", format_duration(idle_));
        const bool wanted = history_.events.empty() || input_.expectations.checks.contains("idle_delivery");
        if (wanted) return std::move(findings_).result(why);
        return std::move(findings_).result_or_skipped(why);
    }

private:
    const Attempt* connection_of(const Run& run) const
    {
        const auto found =
            std::lower_bound(attempts_.begin(), attempts_.end(), run.connection(),
                             [](const Attempt& attempt, const ConnectionId& id) { return attempt.id < id; });
        return found != attempts_.end() && found->id == run.connection() && found->upgraded ? &*found
                                                                                            : nullptr;
    }

    static bool answered(const Run& run) { return run.first != nowhere || run.refusal != nowhere; }

    // How old the connection was when the run was asked for, if what became of it can be told.
    std::optional<Duration> age_of(const Run& run) const
    {
        const Attempt* connection = connection_of(run);
        if (connection == nullptr || run.stop != nowhere) return std::nullopt;
        if (!answered(run) && !had_its_time(input_.expectations, history_, run)) return std::nullopt;
        return history_.events[run.sent].at - history_.events[connection->answered].at;
    }

    void count_if_young(const Run& run)
    {
        const auto age = age_of(run);
        if (!age || *age >= idle_) return;
        ++young_;
        if (!answered(run)) ++young_unanswered_;
    }

    void judge(const Run& run)
    {
        const auto age = age_of(run);
        if (!age || *age < idle_ || 2 * young_unanswered_ > young_) return;
        findings_.judged();
        if (!answered(run)) add(run, *connection_of(run), *age);
    }

    void add(const Run& run, const Attempt& connection, Duration age)
    {
        const Event& sent = history_.events[run.sent];
        const auto signature =
            run.lost == nowhere ? "no event on an old connection" : "an old connection was cut";
        auto violation = violation_at(
            history_, run.sent, signature,
            fmt::format("{}, sent at {} on a connection that was {} old, {}; watched until {}",
                        to_string(run.id), moment(sent.at), format_duration(age),
                        run.lost == nowhere ? "got no event at all" : "lost it to an end of that connection",
                        moment(watched_until(history_, run))),
            fmt::format("events, however old the connection is (judged from {})", format_duration(idle_)));
        violation.evidence.push_back(connection.answered);
        if (run.lost != nowhere) violation.evidence.push_back(run.lost);
        for (const auto pong : answered_pings(run)) violation.evidence.push_back(pong);
        findings_.add(std::move(violation));
    }

    // The connection looked healthy meanwhile.
    std::vector<std::uint32_t> answered_pings(const Run& run) const
    {
        std::vector<std::uint32_t> out;
        const auto trace =
            std::lower_bound(input_.connections.begin(), input_.connections.end(), run.connection(),
                             [](const ConnectionTrace& one, const ConnectionId& id) { return one.id < id; });
        if (trace == input_.connections.end() || trace->id != run.connection()) return out;
        for (const auto position : trace->events)
            if (position > run.sent && history_.events[position].is_frame(FrameType::pong))
                out.push_back(position);
        return out;
    }

    const CheckInput& input_;
    const History& history_;
    Duration idle_;
    std::vector<Attempt> attempts_;
    std::uint64_t young_ = 0; // requests on connections that were not old yet
    std::uint64_t young_unanswered_ = 0;
    Findings findings_;
};

} // namespace

CheckResult judge_idle_delivery(const CheckInput& input)
{
    if (sends_no_requests(input)) return skipped("idle_delivery", no_requests_planned);
    return IdleDelivery{input}.judge();
}

} // namespace wsrace
