// Not ready or overloaded is answered by 503 with Retry-After (or, after accept, by 1013), never by 1011
// after accept; a retry after that delay succeeds. And a target that says it is ready serves.
//
// Judged: every login and upgrade refused with 503 or 429, every close with 1013, and every 1011 before the
// first event of a run while the target was starting or ending. What happens while the harness has the target
// down, and what an interruption ends, is excused; not so a 1011.
//
// A lie about readiness is judged only where the target said so itself (Expectations::ready_by_word): from
// then on until somebody got in, no attempt that began after it may be refused, reset, answered by 5xx or
// closed with 1011; except by 503 with Retry-After while one that began no later was let in: a target may
// serve the first of a stampede and turn the others away, whichever answer is the first to arrive.
#include "checks/attempts.hpp"
#include "checks/judge.hpp"
#include "checks/readiness.hpp"
#include "checks/retry_delay.hpp"
#include "checks/runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace wsrace {

namespace {

// One try to get in: a login, or a connection.
struct Try {
    std::uint32_t position = nowhere; // of what decided it
    Instant begun{};
    bool got_in = false;
    bool excused = false; // it says nothing about the target
    bool refused = false; // with 503 or 429
    std::optional<Duration> delay;
};

// The first that a target let in since it said it was ready.
struct Served {
    Instant begun = Instant::max();    // the earliest begin of any
    Instant answered = Instant::max(); // the earliest answer of any
};

class OverloadRefusal {
public:
    explicit OverloadRefusal(const CheckInput& input)
        : input_(input), history_(input.history), outages_(input.history),
          readiness_(input.history, input.expectations.ready_by_word),
          attempts_(attempts_of(input.history, input.connections)), findings_("overload_refusal", "refusals")
    {}

    CheckResult judge() &&
    {
        logins();
        connections();
        closes();
        if (input_.expectations.ready_by_word) readiness_lies();
        if (history_.events.empty()) return std::move(findings_).result("nothing happened");
        return std::move(findings_).result_or_skipped("nothing was refused");
    }

private:
    const Event& at(std::uint32_t position) const { return history_.events[position]; }

    std::uint16_t home(const ConnectionId& connection) const
    {
        const auto instances = std::max<std::uint16_t>(history_.info.instances, 1);
        const auto own = static_cast<std::uint16_t>(connection.user.value % instances);
        return outages_.ingress().instance_of(connection).value_or(own);
    }

    bool timed_out_in_pause(const Event& event, Instant begun) const
    {
        return event.outcome == Outcome::timeout &&
               input_.runs.pauses().within(UserId{event.user}, begun, event.at) > Duration{};
    }

    Try try_of(std::uint32_t position, Instant begun, bool taken_down, Symbol retry_after) const
    {
        const Event& event = at(position);
        Try made;
        made.position = position;
        made.begun = begun;
        made.got_in = event.outcome == Outcome::ok;
        made.excused = taken_down || event.outcome == Outcome::cancelled ||
                       event.outcome == Outcome::skipped || timed_out_in_pause(event, begun);
        made.refused = event.outcome == Outcome::http_status && (event.value == 503 || event.value == 429);
        if (made.refused) made.delay = retry_delay(history_.text(retry_after));
        return made;
    }

    void logins()
    {
        std::map<std::uint32_t, std::vector<Try>> tries; // by user
        for (std::uint32_t position = 0; position < history_.events.size(); ++position) {
            const Event& event = at(position);
            if (!event.is_step(StepKind::login)) continue;
            const Instant begun = event.planned().value_or(event.at);
            tries[event.user].push_back(
                try_of(position, begun, taken_down(outages_, event, begun), event.item));
        }
        for (const auto& [user, made] : tries) chain(made);
    }

    void connections()
    {
        for (auto first = attempts_.begin(); first != attempts_.end();) {
            const auto last = std::find_if(first, attempts_.end(), [&](const Attempt& attempt) {
                return attempt.id.user != first->id.user || attempt.id.slot != first->id.slot;
            });
            std::vector<Try> tries;
            for (; first != last; ++first) {
                const auto decided = first->failed != nowhere ? first->failed : first->answered;
                if (decided == nowhere) continue;
                const auto begun = std::min({first->tcp, first->sent, first->answered});
                tries.push_back(try_of(decided, at(begun).planned().value_or(at(begun).at),
                                       taken_down(history_, outages_, *first), at(decided).text));
                tries.back().excused = tries.back().excused || excused(history_, *first);
                if (first->upgraded) tries.back().excused = false;
            }
            chain(tries);
        }
    }

    // The tries of one user to log in, or to open one of its connections.
    void chain(const std::vector<Try>& tries)
    {
        for (std::size_t i = 0; i < tries.size(); ++i) {
            const bool refused = tries[i].refused && !tries[i].excused;
            const bool given_up = i + 1 == tries.size() && !tries[i].got_in && !tries[i].excused;
            if (refused) {
                findings_.judged();
                named_delay(tries[i]);
            }
            if (i > 0 && (refused || given_up) && came_back_in_time(tries[i - 1], tries[i]))
                refused_again(tries, i);
        }
    }

    // Whether `later` came after the delay that `earlier` had been told to wait.
    bool came_back_in_time(const Try& earlier, const Try& later) const
    {
        if (!earlier.refused || earlier.excused || !earlier.delay || later.excused) return false;
        const Event& refusal = at(earlier.position);
        return later.begun >= refusal.at + *earlier.delay &&
               !outages_.between(UserId{refusal.user}, refusal.at, at(later.position).at);
    }

    // The retry at `i` failed. Of a user who never got in, the last one speaks for all.
    void refused_again(const std::vector<Try>& tries, std::size_t i)
    {
        const bool got_in = std::any_of(tries.begin() + static_cast<std::ptrdiff_t>(i), tries.end(),
                                        [](const Try& later) { return later.got_in || later.excused; });
        const bool last = i + 1 == tries.size();
        if (!got_in && !last) return;
        const Try& before = tries[i - 1];
        const Event& event = at(tries[i].position);
        const auto how = tries[i].refused
                             ? fmt::format("was refused with {}", event.value)
                             : fmt::format("failed ({}: {})", name(event.step()), name(event.outcome));
        auto violation = violation_at(
            history_, tries[i].position,
            fmt::format("{}: {}", name(at(before.position).step()),
                        got_in ? "refused again" : "never admitted"),
            fmt::format(
                "{}: {} was refused with {} at {} and told to come back after {}; it did, and {} at {}{}",
                who(event), name(at(before.position).step()), at(before.position).value,
                moment(at(before.position).at), format_duration(*before.delay), how, moment(event.at),
                got_in ? "" : fmt::format(" ({} tries, never admitted)", tries.size())),
            "a retry after the delay that Retry-After names succeeds");
        violation.evidence.push_back(before.position);
        findings_.add(std::move(violation));
    }

    void named_delay(const Try& refused)
    {
        const Event& event = at(refused.position);
        const auto text = history_.text(event.is_step(StepKind::login) ? event.item : event.text);
        if (refused.delay || is_http_date(text)) return;
        const bool none = text.empty();
        const auto what = fmt::format("HTTP {} {}", event.value,
                                      none ? "without Retry-After" : "with a malformed Retry-After");
        findings_.add(violation_at(
            history_, refused.position, fmt::format("{}: {}", name(event.step()), what),
            fmt::format("{}: {} was refused by {}{}, at {}", who(event), name(event.step()), what,
                        none ? std::string{} : fmt::format(" (\"{}\")", text.substr(0, 100)),
                        moment(event.at)),
            "Retry-After in whole seconds, or as an HTTP date"));
    }

    void closes()
    {
        for (const Attempt& attempt : attempts_) {
            if (!attempt.upgraded || attempt.end == nowhere) continue;
            const Event& end = at(attempt.end);
            if (end.end() != EndKind::peer_closed) continue;
            if (end.value == 1013 && !outages_.ours(attempt.id.user, end.at)) findings_.judged();
            if (end.value == 1011 && !attempt.answers) closed_1011(attempt, end);
        }
    }

    void closed_1011(const Attempt& attempt, const Event& end)
    {
        for (const auto instance : outages_.serving(attempt.id.user, end.at)) {
            const bool starting = readiness_.starting(instance, end.at);
            if (!starting && !readiness_.ending(instance, end.at)) continue;
            findings_.judged();
            auto violation = violation_at(
                history_, attempt.end,
                starting ? "1011 after accept: accepted before it was ready"
                         : "1011 after accept: accepted while it was ending",
                fmt::format("{}: accepted at {} and closed with 1011 at {}, while the target was {}",
                            to_string(attempt.id), moment(at(attempt.answered).at), moment(end.at),
                            starting ? "not ready yet" : "ending"),
                starting ? "503 with Retry-After before accept, or 1013"
                         : "503 with Retry-After before accept, or 1001");
            violation.evidence.push_back(attempt.answered);
            findings_.add(std::move(violation));
            return;
        }
    }

    // What an attempt came to, if that contradicts a target that is ready; empty: it does not.
    std::string contradiction(const Attempt& attempt) const
    {
        if (attempt.upgraded) {
            if (!ended_by_1011(attempt)) return {};
            return "closed with 1011 before a welcome";
        }
        if (attempt.failed == nowhere || excused(history_, attempt)) return {};
        const Event& failed = at(attempt.failed);
        if (taken_down(history_, outages_, attempt)) return {};
        if (failed.outcome == Outcome::refused || failed.outcome == Outcome::reset)
            return fmt::format("{} {}", name(failed.step()), name(failed.outcome));
        if (failed.outcome == Outcome::http_status && failed.value >= 500)
            return fmt::format("HTTP {}", failed.value);
        return {};
    }

    bool ended_by_1011(const Attempt& attempt) const
    {
        if (attempt.end == nowhere || attempt.welcomed()) return false;
        return at(attempt.end).end() == EndKind::peer_closed && at(attempt.end).value == 1011;
    }

    Instant begin_of(const Attempt& attempt) const
    {
        const Event& first = at(std::min({attempt.tcp, attempt.sent, attempt.answered}));
        return first.planned().value_or(first.at);
    }

    bool fittingly_refused(const Attempt& attempt) const
    {
        if (attempt.upgraded || attempt.failed == nowhere) return false;
        const Event& failed = at(attempt.failed);
        return failed.is_step(StepKind::upgrade_answered) && failed.outcome == Outcome::http_status &&
               fitting_refusal(failed.value, history_.text(failed.text));
    }

    // By instance, and when it said that it was ready.
    std::map<std::pair<std::uint16_t, Instant>, Served> served_once_ready() const
    {
        std::map<std::pair<std::uint16_t, Instant>, Served> served;
        for (const Attempt& attempt : attempts_) {
            if (!attempt.upgraded || ended_by_1011(attempt)) continue;
            const Instant when = at(attempt.answered).at;
            const auto instance = home(attempt.id);
            const auto said = readiness_.said_ready(instance, when);
            if (!said) continue;
            Served& first = served[{instance, *said}];
            first.begun = std::min(first.begun, begin_of(attempt));
            first.answered = std::min(first.answered, when);
        }
        return served;
    }

    void readiness_lies()
    {
        const auto served = served_once_ready();
        for (const Attempt& attempt : attempts_) {
            const auto what = contradiction(attempt);
            if (what.empty()) continue;
            const Instant begun = begin_of(attempt);
            const auto position = attempt.upgraded ? attempt.end : attempt.failed;
            const auto instance = home(attempt.id);
            const auto said = readiness_.said_ready(instance, begun);
            if (!said || readiness_.said_ready(instance, at(position).at) != said) continue;
            const auto found = served.find({instance, *said});
            const Served first = found != served.end() ? found->second : Served{};
            if (first.answered < at(position).at) continue;
            if (first.begun <= begun && fittingly_refused(attempt)) continue;
            lie(attempt, position, *said, what);
        }
    }

    void lie(const Attempt& attempt, std::uint32_t position, Instant said, const std::string& what)
    {
        findings_.judged();
        const Event& event = at(position);
        auto violation =
            violation_at(history_, position, fmt::format("said it was ready, yet {}", what),
                         fmt::format("the target said it was ready at {}, yet {}: {}, at {}", moment(said),
                                     to_string(attempt.id), what, moment(event.at)),
                         "a target that says it is ready when it can serve");
        const auto ready = std::find_if(history_.events.begin(), history_.events.end(), [&](const Event& e) {
            return e.kind == EventKind::life_cycle && e.life_cycle() == LifeCycle::ready && e.at == said;
        });
        violation.evidence.push_back(static_cast<std::uint32_t>(ready - history_.events.begin()));
        findings_.add(std::move(violation));
    }

    const CheckInput& input_;
    const History& history_;
    Outages outages_;
    Readiness readiness_;
    std::vector<Attempt> attempts_;
    Findings findings_;
};

} // namespace

CheckResult judge_overload_refusal(const CheckInput& input) { return OverloadRefusal{input}.judge(); }

} // namespace wsrace
