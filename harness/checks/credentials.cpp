// Who is let in, and to what:
// - a forged token is refused before any event, also after accept;
// - a single-use ticket admits exactly one of those who bring it;
// - one valid token admits several connections at once, and one after the other;
// - a user does not get another user's events by naming the thread they are in, nor the other way round.
//
// How a refusal looks is for `handshake`. A token counts as valid while it has admitted a connection of its
// user that is still open, or for some seconds before and after.
#include "checks/attempts.hpp"
#include "checks/judge.hpp"
#include "checks/noted_frames.hpp"
#include "checks/runs.hpp"
#include "core/behaviour.hpp"
#include "core/credential.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace wsrace {

namespace {

// A token that was good then is good now: shorter than any token lives.
constexpr Duration still_valid = std::chrono::seconds{10};

class Credentials {
public:
    explicit Credentials(const CheckInput& input)
        : input_(input), history_(input.history), outages_(input.history),
          attempts_(attempts_of(input.history, input.connections)),
          findings_("credentials", "credentials and threads that were tried")
    {
        for (const Event& event : history_.events)
            if (event.is_step(StepKind::login) && event.outcome == Outcome::ok) logged_in_.insert(event.user);
    }

    CheckResult judge() &&
    {
        for (const Attempt& attempt : attempts_)
            if (attempt.forged != nowhere) forged(attempt);
        tickets();
        tokens();
        threads();
        constexpr std::string_view why = "nobody brought a forged token, shared a ticket, used a token twice "
                                         "or named another user's thread";
        const bool wanted = history_.events.empty() || input_.expectations.checks.contains("credentials");
        if (wanted) return std::move(findings_).result(why);
        return std::move(findings_).result_or_skipped(why);
    }

private:
    Instant at(std::uint32_t position) const { return history_.events[position].at; }

    std::string_view word(std::uint32_t fault, std::string_view mark) const
    {
        return history_.text(history_.events[fault].text).substr(mark.size());
    }

    // Accepted, and ended by the target again before it said anything.
    bool turned_away(const Attempt& attempt) const
    {
        if (!attempt.upgraded || attempt.welcomed() || attempt.end == nowhere) return false;
        if (attempt.act != nowhere && attempt.act < attempt.end) return false;
        const EndKind end = history_.events[attempt.end].end();
        return end == EndKind::peer_closed || end == EndKind::eof || end == EndKind::reset;
    }

    bool admitted(const Attempt& attempt) const { return attempt.upgraded && !turned_away(attempt); }

    bool refused(const Attempt& attempt) const
    {
        if (attempt.failed != nowhere) return refuses_credentials(history_.events[attempt.failed]);
        return turned_away(attempt) && history_.events[attempt.end].value == 1008;
    }

    void forged(const Attempt& attempt)
    {
        if (!attempt.upgraded &&
            (attempt.failed == nowhere || history_.events[attempt.failed].outcome != Outcome::http_status))
            return; // a broken connection proves nothing
        findings_.judged();
        if (!admitted(attempt)) return;
        const auto kind = word(attempt.forged, forged_mark);
        const std::string_view got = attempt.answers              ? "and got events of a run"
                                     : attempt.welcome != nowhere ? "and got a welcome"
                                                                  : "and was not turned away";
        const auto token = kind == name(Credential::missing) ? std::string{"without a token"}
                                                             : fmt::format("with a forged token ({})", kind);
        add(attempt.answered, fmt::format("admitted {}", token),
            fmt::format("{} was admitted {} {}", to_string(attempt.id), token, got),
            "HTTP 401 or 403, or a close with 1008 before anything else", {attempt.forged});
    }

    void tickets()
    {
        std::map<std::pair<UserId, std::string_view>, std::vector<const Attempt*>> by_ticket;
        for (const Attempt& attempt : attempts_)
            if (attempt.shared != nowhere)
                by_ticket[{attempt.id.user, word(attempt.shared, shared_ticket_mark)}].push_back(&attempt);
        for (auto& [ticket, users] : by_ticket) {
            const auto first =
                (*std::min_element(users.begin(), users.end(), [](const auto* a, const auto* b) {
                    return a->shared < b->shared;
                }))->shared;
            std::erase_if(users, [this](const Attempt* one) { return !admitted(*one) && !refused(*one); });
            if (users.size() >= 2) spent(users, at(first));
        }
    }

    // All of those who were told whether they may come in. A ticket from before a restart may be forgotten,
    // or spent by somebody whom the restart cut off: it need not admit anybody then.
    void spent(const std::vector<const Attempt*>& users, Instant issued)
    {
        std::vector<const Attempt*> in;
        for (const Attempt* one : users)
            if (admitted(*one)) in.push_back(one);
        const auto& any = *users.front();
        if (in.empty() && outages_.between(any.id.user, issued, refused_at(any))) return;
        findings_.judged();
        if (in.size() == 1) return;
        std::sort(in.begin(), in.end(),
                  [](const Attempt* a, const Attempt* b) { return a->answered < b->answered; });
        const Attempt& shown = in.empty() ? *users.front() : *in[1];
        std::vector<std::uint32_t> evidence{shown.shared};
        for (const Attempt* one : in) evidence.push_back(one->answered);
        add(in.empty() ? shown.failed : shown.answered,
            in.empty() ? "a single-use ticket admitted nobody" : "a single-use ticket admitted several",
            fmt::format("a single-use ticket of {}, brought by {} connections, admitted {} of them",
                        to_string(shown.id.user), users.size(), in.size()),
            "exactly one connection admitted, the others refused", evidence);
    }

    static bool ordinary(const Attempt& attempt)
    {
        return attempt.forged == nowhere && attempt.shared == nowhere;
    }

    void tokens()
    {
        for (auto first = attempts_.begin(); first != attempts_.end();) {
            const auto last = std::find_if(first, attempts_.end(),
                                           [&](const Attempt& one) { return one.id.user != first->id.user; });
            if (logged_in_.contains(first->id.user.value)) tokens_of_user({first, last});
            first = last;
        }
    }

    void tokens_of_user(std::span<const Attempt> attempts)
    {
        if (std::count_if(attempts.begin(), attempts.end(), ordinary) < 2) return;
        for (const Attempt& attempt : attempts) {
            if (!ordinary(attempt)) continue;
            if (admitted(attempt)) findings_.judged();
            if (!refused(attempt)) continue;
            const auto other = std::find_if(attempts.begin(), attempts.end(), [&](const Attempt& one) {
                return ordinary(one) && admitted(one) && valid_for(one, refused_at(attempt));
            });
            if (other == attempts.end()) continue;
            findings_.judged();
            const auto position = attempt.failed == nowhere ? attempt.end : attempt.failed;
            add(position, "a valid token refused",
                fmt::format("{} was refused with {}, while the same token had admitted {} at {}",
                            to_string(attempt.id), history_.events[position].value, to_string(other->id),
                            moment(at(other->answered))),
                "one valid token admits any number of connections", {other->answered});
        }
    }

    Instant refused_at(const Attempt& attempt) const
    {
        return at(attempt.failed == nowhere ? attempt.end : attempt.failed);
    }

    // What was tried only after the refusal says nothing of the token as it was then.
    bool valid_for(const Attempt& admission, Instant when) const
    {
        const Instant admitted_at = at(admission.answered);
        if (at(std::min({admission.tcp, admission.sent, admission.answered})) > when) return false;
        const bool near = admitted_at <= when + still_valid && when <= admitted_at + still_valid;
        const auto left = std::min(admission.act, admission.end);
        const bool open = admitted_at <= when && (left == nowhere || at(left) >= when);
        const auto [from, to] = std::minmax(admitted_at, when);
        return (near || open) && !outages_.between(admission.id.user, from, to);
    }

    void threads()
    {
        std::unordered_map<Symbol, std::set<UserId>> users_of; // who named it
        for (const Run& run : input_.runs.runs()) users_of[thread_of(run)].insert(run.id.user);
        users_of.erase(no_symbol);
        for (const Run& run : input_.runs.runs()) {
            const auto named = users_of.find(thread_of(run));
            if (named != users_of.end() && named->second.size() > 1) findings_.judged();
        }
        for (const auto& connection : input_.connections)
            for_each_frame(history_, connection, [&](const NotedFrame& noted) {
                const Run* run = foreign_run(noted);
                if (run == nullptr) return;
                const auto named = users_of.find(thread_of(*run));
                if (named == users_of.end() || !named->second.contains(connection.id.user)) return;
                leaked(noted.frame, *run);
            });
    }

    Symbol thread_of(const Run& run) const { return history_.events[run.sent].text; }

    // Another user's run of which the frame says something.
    const Run* foreign_run(const NotedFrame& noted) const
    {
        const Event& frame = history_.events[noted.frame];
        for (const auto note : noted.notes) {
            const Event& event = history_.events[note];
            if (event.kind != EventKind::canary) continue;
            const auto canary = parse_canary(history_.text(event.text));
            if (!canary || canary->run != history_.info.run || canary->request.user.value == frame.user)
                continue;
            if (const Run* run = input_.runs.find(canary->request)) return run;
        }
        const auto owner = input_.runs.owners().request_of(frame.run);
        return owner && owner->user.value != frame.user ? input_.runs.find(*owner) : nullptr;
    }

    void leaked(std::uint32_t position, const Run& run)
    {
        const Event& frame = history_.events[position];
        const auto thread = history_.text(thread_of(run));
        add(position, "another user's events in a thread of the same name",
            fmt::format("{} received {} of {}, whose thread \"{}\" it had named, too", who(frame),
                        name(frame.frame()), to_string(run.id), thread),
            "a thread belongs to one user, whoever knows its name", {run.sent}, run.id.user);
    }

    void add(std::uint32_t position, std::string signature, const std::string& what, std::string expected,
             const std::vector<std::uint32_t>& evidence, std::optional<UserId> other = std::nullopt)
    {
        auto violation =
            violation_at(history_, position, std::move(signature),
                         fmt::format("{}, at {}", what, moment(at(position))), std::move(expected));
        violation.evidence.insert(violation.evidence.end(), evidence.begin(), evidence.end());
        violation.other_user = other;
        findings_.add(std::move(violation));
    }

    const CheckInput& input_;
    const History& history_;
    Outages outages_;
    std::vector<Attempt> attempts_;
    Findings findings_;
    std::unordered_set<std::uint32_t> logged_in_; // users
};

} // namespace

CheckResult judge_credentials(const CheckInput& input) { return Credentials{input}.judge(); }

} // namespace wsrace
