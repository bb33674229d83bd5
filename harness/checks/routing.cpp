// Within one user: a run's events reach the connection that started it (or all of the user's, if the
// scenario declares that), and no other; a response answers its own request's canary.
//
// An own canary decides: another tab's canary beside it is context (a shared thread), no stray. Frames of
// other users are for `isolation`.
#include "checks/applicable.hpp"
#include "checks/attempts.hpp"
#include "checks/noted_frames.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace wsrace {

namespace {

// A copy may still be under way when its connection is closed.
constexpr Duration in_flight = std::chrono::seconds{1};

class Routing {
public:
    explicit Routing(const CheckInput& input)
        : input_(input), history_(input.history), runs_(input.runs),
          to_all_(input.expectations.routing == RoutingPolicy::all_connections),
          findings_("routing", "frames")
    {}

    CheckResult judge() &&
    {
        for (const auto& connection : input_.connections)
            for_each_frame(history_, connection, [this](const NotedFrame& noted) { judge(noted); });
        if (to_all_) copies();
        return std::move(findings_).result(
            "no event of a run carried a canary or a run id that tells its request");
    }

private:
    void judge(const NotedFrame& noted)
    {
        for (const auto note : noted.notes) damaged(noted.frame, note);
        const Event& frame = history_.events[noted.frame];
        if (!is_run_event(frame.frame())) return;
        const Run* run = runs_.run_of(noted.frame);
        if (run == nullptr) return unasked(noted.frame);
        if (run->id.user.value != frame.user) return;
        if (frame.has(Flag::own_canary) || frame.has(Flag::other_canary) ||
            runs_.owners().request_of(frame.run))
            findings_.judged();
        if (run->id.slot.value != frame.slot) {
            // Not among the run's strays any more: it may have been the right place (unclear_return.hpp).
            const bool is_stray = std::binary_search(run->strays.begin(), run->strays.end(), noted.frame);
            if (!to_all_ && is_stray) stray(noted.frame, *run);
        } else {
            label(noted.frame, *run);
        }
    }

    void stray(std::uint32_t position, const Run& run)
    {
        const Event& frame = history_.events[position];
        add(position, run, fmt::format("{} on another connection of the user", name(frame.frame())),
            fmt::format("{} received {} of {}", to_string(frame.connection()), name(frame.frame()),
                        to_string(run.id)),
            fmt::format("events of this run on {} only", to_string(run.connection())));
    }

    // The content is this request's, the run id another one's.
    void label(std::uint32_t position, const Run& run)
    {
        const Event& frame = history_.events[position];
        if (!frame.has(Flag::own_canary) || frame.run == no_symbol) return;
        const auto owner = runs_.owners().request_of(frame.run);
        if (!owner || *owner == run.id || owner->user != run.id.user) return;
        // A target may use one run id for a whole conversation; only where ids differ within a run are they
        // a run's.
        if (owner->slot == run.id.slot && !has_several_ids(run)) return;
        add(position, run, fmt::format("{} labelled with another run's id", name(frame.frame())),
            fmt::format("{} of {} carries the run id \"{}\" of {}", name(frame.frame()), to_string(run.id),
                        history_.text(frame.run), to_string(*owner)),
            "the id of its own run");
    }

    bool has_several_ids(const Run& run) const
    {
        return std::any_of(run.frames.begin(), run.frames.end(), [&](std::uint32_t position) {
            return history_.events[position].run != history_.events[run.frames.front()].run;
        });
    }

    void damaged(std::uint32_t position, std::uint32_t note)
    {
        const Event& event = history_.events[note];
        if (event.kind != EventKind::canary || !event.has(Flag::corrupt_canary)) return;
        if (history_.text(event.text).size() < canary_length)
            return; // cut off, as by a target that shortens long texts
        const Event& frame = history_.events[position];
        auto violation = violation_at(
            history_, position,
            fmt::format("damaged canary in {} at {}", name(frame.frame()), history_.text(event.item)),
            fmt::format("{} received {} with the damaged canary \"{}\" at {}, at {}", who(frame),
                        name(frame.frame()), history_.text(event.text), history_.text(event.item),
                        moment(frame.at)),
            "the canary of the request, unchanged");
        violation.evidence.push_back(note);
        findings_.add(std::move(violation));
    }

    // An event nobody can attribute, on a connection that asked nothing, while the user asked on another one.
    void unasked(std::uint32_t position)
    {
        const Event& frame = history_.events[position];
        if (frame.has(Flag::own_canary) || frame.has(Flag::other_canary) || to_all_) return;
        const UserId user{frame.user};
        if (runs_.has_requests(user, SlotId{frame.slot}) || !runs_.has_requests(user)) return;
        findings_.add(violation_at(
            history_, position, fmt::format("{} on a connection that asked nothing", name(frame.frame())),
            fmt::format("{} received {}, at {}", who(frame), name(frame.frame()), moment(frame.at)),
            "events of runs on the connection that asked for them"));
    }

    // The declared policy: every other connection of the user that was open all the while gets each event,
    // too.
    void copies()
    {
        const auto attempts = attempts_of(history_, input_.connections);
        for (const Run& run : runs_.runs()) {
            if (run.terminal == nowhere) continue;
            const auto first =
                std::lower_bound(attempts.begin(), attempts.end(), run.id.user,
                                 [](const Attempt& a, UserId user) { return a.id.user < user; });
            for (auto other = first; other != attempts.end() && other->id.user == run.id.user; ++other)
                if (other->id.slot != run.id.slot && open_during(*other, run)) copy(*other, run);
        }
    }

    bool open_during(const Attempt& other, const Run& run) const
    {
        if (!other.upgraded || other.welcome == nowhere || other.welcome > run.sent) return false;
        const Instant needed = history_.events[run.terminal].at + in_flight;
        if (needed > history_.duration()) return false;
        const auto left = std::min(other.act, other.end);
        return left == nowhere || history_.events[left].at > needed;
    }

    void copy(const Attempt& other, const Run& run)
    {
        std::set<FrameType> missing;
        for (const auto position : run.frames) missing.insert(history_.events[position].frame());
        for (const auto position : run.strays)
            if (history_.events[position].connection() == other.id)
                missing.erase(history_.events[position].frame());
        for (const FrameType type : missing)
            add(run.terminal, run, fmt::format("{} not on all connections of the user", name(type)),
                fmt::format("{} never received {} of {}", to_string(other.id), name(type), to_string(run.id)),
                "events of a run on all connections of its user, as the scenario declares");
    }

    void add(std::uint32_t position, const Run& run, std::string signature, const std::string& what,
             std::string expected)
    {
        auto violation = violation_at(history_, position, std::move(signature),
                                      fmt::format("{}, at {}", what, moment(history_.events[position].at)),
                                      std::move(expected));
        violation.request = run.id.request;
        violation.evidence.push_back(run.sent);
        findings_.add(std::move(violation));
    }

    const CheckInput& input_;
    const History& history_;
    const RunTable& runs_;
    bool to_all_;
    Findings findings_;
};

} // namespace

CheckResult judge_routing(const CheckInput& input)
{
    if (sends_no_requests(input)) return skipped("routing", no_requests_planned);
    return Routing{input}.judge();
}

} // namespace wsrace
