// Closing, aborting or stalling one connection leaves the user's others, and everybody else's, untouched.
//
// An *act* is a close, drop or stall by the harness. What is blamed on it:
// - another connection of the same user that was open, and that the target ended within the close deadline
//   after the act, or later while the run that was going on at the act still was;
// - a run on another connection of the same user that was going on at the act, and never ended, unless it
//   was late already: past its deadline, or without an event for longer than any other run took to begin. Nor
//   is it blamed on a tab that was closed because its own run had never ended;
// - a connection of another user that the target ended normally or without a close frame within a second, if
//   no other act was that near: under load something always was, and a finding has to name the right one.
//
// Ends in an outage of the target, with an expected code, or of a connection that never got its welcome, say
// nothing about tabs.
#include "checks/applicable.hpp"
#include "checks/attempts.hpp"
#include "checks/missing_events.hpp"

#include <fmt/format.h>

namespace wsrace {

namespace {

constexpr Duration aftermath = std::chrono::seconds{1};

bool is_act(const Event& event)
{
    if (event.is_step(StepKind::drop) || event.is_step(StepKind::aborted)) return true;
    if (event.is_step(StepKind::reading_stopped)) return event.outcome == Outcome::ok;
    return event.is_step(StepKind::close_sent) && event.outcome == Outcome::ok;
}

bool is_stall(const History& history, const Event& event)
{
    return event.kind == EventKind::fault && event.user != no_user &&
           history.text(event.text).find("stall") != std::string_view::npos;
}

std::string_view deed(const Event& act)
{
    if (act.kind == EventKind::fault || act.is_step(StepKind::reading_stopped)) return "stalled";
    if (act.is_step(StepKind::aborted)) return "aborted";
    return act.is_step(StepKind::drop) ? "dropped" : "closed";
}

class TabIndependence {
public:
    explicit TabIndependence(const CheckInput& input)
        : input_(input), history_(input.history), outages_(input.history),
          attempts_(attempts_of(input.history, input.connections)),
          findings_("tab_independence", "closed, dropped or stalled connections")
    {
        for (std::uint32_t position = 0; position < history_.events.size(); ++position) {
            const Event& event = history_.events[position];
            if (is_act(event) || is_stall(history_, event)) acts_.push_back(position);
        }
        slowest_begin_ = slowest_begin();
        by_user_ = acts_;
        std::stable_sort(by_user_.begin(), by_user_.end(), [this](std::uint32_t a, std::uint32_t b) {
            return history_.events[a].user < history_.events[b].user;
        });
    }

    CheckResult judge() &&
    {
        for (const auto act : acts_)
            if (has_open_sibling(history_.events[act])) findings_.judged();
        for (const Attempt& victim : attempts_) ended(victim);
        for (const Run& run : input_.runs.runs()) starved(run);
        if (history_.events.empty()) return std::move(findings_).result("nothing happened");
        return std::move(findings_).result_or_skipped(
            history_.info.connections < 2
                ? "each user has one connection only"
                : "no connection was closed, dropped or stalled while another one of its user was open");
    }

private:
    Instant at(std::uint32_t position) const { return history_.events[position].at; }

    // The attempts of one user, which are neighbours.
    std::span<const Attempt> attempts_of_user(UserId user) const
    {
        const auto first =
            std::lower_bound(attempts_.begin(), attempts_.end(), user,
                             [](const Attempt& attempt, UserId wanted) { return attempt.id.user < wanted; });
        const auto last =
            std::find_if(first, attempts_.end(), [&](const Attempt& a) { return a.id.user != user; });
        return {first, last};
    }

    std::span<const std::uint32_t> acts_of_user(std::uint32_t user) const
    {
        const auto first = std::lower_bound(
            by_user_.begin(), by_user_.end(), user,
            [this](std::uint32_t act, std::uint32_t wanted) { return history_.events[act].user < wanted; });
        const auto last = std::find_if(first, by_user_.end(),
                                       [&](std::uint32_t act) { return history_.events[act].user != user; });
        return {first, last};
    }

    bool open_at(const Attempt& attempt, Instant when) const
    {
        if (!attempt.upgraded || at(attempt.answered) > when) return false;
        return std::min(attempt.act, attempt.end) == nowhere ||
               at(std::min(attempt.act, attempt.end)) >= when;
    }

    bool has_open_sibling(const Event& act) const
    {
        const auto own = attempts_of_user(UserId{act.user});
        return std::any_of(own.begin(), own.end(), [&](const Attempt& other) {
            return other.id != act.connection() && open_at(other, act.at);
        });
    }

    bool ended_by_target(const Attempt& victim) const
    {
        if (victim.end == nowhere || !victim.upgraded || !victim.welcomed()) return false;
        if (victim.act != nowhere && victim.act < victim.end) return false;
        const Event& end = history_.events[victim.end];
        if (end.has(Flag::provoked)) return false;
        if (outages_.any(victim.id.user, end.at)) return false;
        if (outages_.ingress().cut(victim.id, end.at)) return false;
        if (outages_.took_along(victim.id.user, at(victim.answered), end.at)) return false;
        if (end.end() == EndKind::peer_closed)
            return !input_.expectations.expected_close_codes.contains(end.value);
        return end.end() == EndKind::eof || end.end() == EndKind::reset;
    }

    void ended(const Attempt& victim)
    {
        if (!ended_by_target(victim)) return;
        auto act = act_of_same_user(victim);
        const bool same_user = act != nowhere;
        if (!same_user) act = only_act_nearby(victim);
        if (act == nowhere) return;
        const Event& end = history_.events[victim.end];
        const auto how = end.end() == EndKind::peer_closed ? std::to_string(end.value) : std::string{"1006"};
        add(victim.end, act,
            fmt::format("connection {} after {} was {}", same_user ? "ended" : "of another user ended",
                        same_user ? "another tab" : "one", deed(history_.events[act])),
            fmt::format("{} was ended by the target with {} at {}", to_string(victim.id), how,
                        moment(end.at)),
            "a connection that nobody closed stays open");
    }

    std::uint32_t act_of_same_user(const Attempt& victim) const
    {
        const Instant end = at(victim.end);
        std::uint32_t nearest = nowhere;
        for (const auto act : acts_of_user(victim.id.user.value)) {
            const Event& event = history_.events[act];
            if (event.connection() == victim.id || act > victim.end || !open_at(victim, event.at)) continue;
            if (end - event.at <= input_.expectations.deadlines.close || same_run_since(victim, act))
                nearest = act;
        }
        return nearest;
    }

    // Whether a run was going on from the act to the end of the connection.
    bool same_run_since(const Attempt& victim, std::uint32_t act) const
    {
        const auto runs = input_.runs.runs();
        auto run =
            std::lower_bound(runs.begin(), runs.end(), RequestId{victim.id.user, victim.id.slot, 0},
                             [](const Run& candidate, RequestId wanted) { return candidate.id < wanted; });
        for (; run != runs.end() && run->id.user == victim.id.user && run->id.slot == victim.id.slot; ++run)
            if (run->sent < act && run->lost == victim.end) return true;
        return false;
    }

    std::uint32_t only_act_nearby(const Attempt& victim) const
    {
        const Event& end = history_.events[victim.end];
        const bool quiet = end.end() != EndKind::peer_closed || end.value == 1000 || end.value == 1005;
        const auto after = std::lower_bound(acts_.begin(), acts_.end(), victim.end);
        if (!quiet || after == acts_.begin()) return nowhere;
        const auto act = std::prev(after);
        if (end.at - at(*act) > aftermath || !open_at(victim, at(*act))) return nowhere;
        if (act != acts_.begin() && end.at - at(*std::prev(act)) <= aftermath) return nowhere;
        return *act;
    }

    // Only a run that falls silent is blamed on another tab: one that ends without some event is for
    // `five_events`.
    void starved(const Run& run)
    {
        if (run.ended() || run.lost != nowhere || run.stop != nowhere) return;
        if (!had_its_time(input_.expectations, history_, run)) return;
        const std::uint32_t last = run.frames.empty() ? run.sent : run.frames.back();
        for (const auto act : acts_of_user(run.id.user.value)) {
            const Event& event = history_.events[act];
            if (event.slot == run.id.slot.value || act < run.sent) continue;
            if (silent_before(run, act) || gave_up(act)) continue;
            return add(
                last, act, fmt::format("run fell silent after another tab was {}", deed(event)),
                fmt::format("{} never got {}", to_string(run.id),
                            name(missing_events(history_, run, input_.expectations.run_events).front())),
                "the events of a run, whatever happens to other connections");
        }
    }

    // The longest that any run took to begin, and no longer than it may take: one that has shown nothing for
    // longer was in trouble already.
    Duration slowest_begin() const
    {
        const Duration limit = input_.expectations.deadlines.first_event;
        Duration slowest = Duration::min();
        for (const Run& run : input_.runs.runs())
            if (run.first != nowhere) slowest = std::max(slowest, at(run.first) - at(run.sent));
        return slowest == Duration::min() ? limit : std::min(slowest, limit);
    }

    // Tabs that are closed once a run has had its time, or when its next event is overdue already, are not
    // why it is silent.
    bool silent_before(const Run& run, std::uint32_t act) const
    {
        if (run.given_up != nowhere && run.given_up < act) return true;
        const Deadlines& deadlines = input_.expectations.deadlines;
        if (at(act) >= at(run.sent) + deadlines.run) return true;
        const auto next = std::lower_bound(run.frames.begin(), run.frames.end(), act);
        const bool began = next != run.frames.begin();
        const Instant last = at(began ? *std::prev(next) : run.sent);
        const Duration stopped = input_.runs.pauses().within(run.id.user, run.id.slot, last, at(act));
        return at(act) - last - stopped > (began ? deadlines.event_gap : slowest_begin_);
    }

    // Whether the tab was closed because its own run had been waited for in vain: a sign of the trouble, not
    // its cause.
    bool gave_up(std::uint32_t act) const
    {
        const auto closed = history_.events[act].connection();
        const auto runs = input_.runs.runs();
        auto run =
            std::lower_bound(runs.begin(), runs.end(), RequestId{closed.user, closed.slot, 0},
                             [](const Run& candidate, RequestId wanted) { return candidate.id < wanted; });
        for (; run != runs.end() && run->id.user == closed.user && run->id.slot == closed.slot; ++run)
            if (run->connection() == closed && run->given_up < act) return true;
        return false;
    }

    void add(std::uint32_t position, std::uint32_t act, std::string signature, const std::string& what,
             std::string expected)
    {
        const Event& cause = history_.events[act];
        auto violation = violation_at(history_, position, std::move(signature),
                                      fmt::format("{}, after the harness had {} {} at {}", what, deed(cause),
                                                  to_string(cause.connection()), moment(cause.at)),
                                      std::move(expected));
        violation.evidence.push_back(act);
        findings_.add(std::move(violation));
    }

    const CheckInput& input_;
    const History& history_;
    Outages outages_;
    std::vector<Attempt> attempts_;
    std::vector<std::uint32_t> acts_;    // by position
    std::vector<std::uint32_t> by_user_; // the same, by user and position
    Duration slowest_begin_{};
    Findings findings_;
};

} // namespace

CheckResult judge_tab_independence(const CheckInput& input) { return TabIndependence{input}.judge(); }

} // namespace wsrace
