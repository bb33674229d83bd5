// No frame on a connection of user A carries user B's canary, user id, thread id or run id: in any field, at
// any depth.
//
// One finding per frame and other user, by the strongest evidence: canary, run id, then ids seen inside.
// Canaries of another execution of the harness count as another user's. A run's event on a connection of a
// user who never asked anything belongs to somebody else, even if nothing in it says to whom. To a silent
// witness (behaviour) nothing belongs but its welcome, heartbeats, and types that the profile does not know.
#include "checks/applicable.hpp"
#include "checks/noted_frames.hpp"
#include "core/behaviour.hpp"

#include <fmt/format.h>

#include <unordered_set>

namespace wsrace {

namespace {

class Isolation {
public:
    explicit Isolation(const CheckInput& input)
        : input_(input), history_(input.history), owners_(input.runs.owners()),
          findings_("isolation", "frames")
    {
        const auto witness = std::string{behaviour_mark} + std::string{name(Behaviour::silent_witness)};
        for (const Event& event : history_.events)
            if (event.kind == EventKind::fault && history_.text(event.text) == witness)
                witnesses_.insert(event.user);
    }

    CheckResult judge() &&
    {
        for (const auto& connection : input_.connections) {
            if (first_user_ != connection.id.user) several_ = true;
            for_each_frame(history_, connection, [this](const NotedFrame& noted) { judge(noted); });
        }
        if (findings_.clean() && findings_.sample_size() > 0) {
            if (!echoed_) return inconclusive("isolation", "no canary was echoed");
            if (!several_) return skipped("isolation", "only one user: nobody whose data could be seen");
        }
        return std::move(findings_).result("no frame arrived");
    }

private:
    void judge(const NotedFrame& noted)
    {
        const Event& frame = history_.events[noted.frame];
        findings_.judged();
        echoed_ = echoed_ || frame.has(Flag::own_canary);
        reported_.clear();
        foreign_run_ = false;
        for (const auto note : noted.notes)
            if (history_.events[note].kind == EventKind::canary) canary(noted.frame, note);
        if (frame.run != no_symbol) id(noted.frame, noted.frame, frame.run, "run id");
        for (const auto note : noted.notes)
            if (history_.events[note].kind == EventKind::mention) mention(noted.frame, note);
        if (reported_.empty() && !foreign_run_) unasked(noted.frame);
    }

    void canary(std::uint32_t position, std::uint32_t note)
    {
        const Event& event = history_.events[note];
        const auto canary = parse_canary(history_.text(event.text));
        if (!canary) return; // damaged: for `routing`
        const Event& frame = history_.events[position];
        const auto field = history_.text(event.item);
        if (canary->run != history_.info.run) {
            if (foreign_run_) return;
            foreign_run_ = true;
            add(position, note, std::nullopt,
                fmt::format("canary of another run of the harness in {} at {}", name(frame.frame()), field),
                fmt::format("the canary of another run of the harness ({})", to_string(canary->run)));
            return;
        }
        if (canary->request.user.value == frame.user || !news(canary->request.user)) return;
        add(position, note, canary->request.user,
            fmt::format("canary of another user in {} at {}", name(frame.frame()), field),
            fmt::format("the canary of {}{}", to_string(canary->request),
                        event.has(Flag::encoded) ? ", inside base64" : ""));
    }

    void mention(std::uint32_t position, std::uint32_t note)
    {
        const Event& event = history_.events[note];
        id(position, note, event.text, history_.text(event.item));
    }

    // `field` is where the id was seen.
    void id(std::uint32_t position, std::uint32_t note, Symbol token, std::string_view field)
    {
        const Event& frame = history_.events[position];
        const auto owner = owners_.user_of(token);
        if (!owner || owner->value == frame.user || !news(*owner)) return;
        const auto kind = owners_.kind_of(token);
        add(position, note, *owner,
            fmt::format("{} of another user in {} at {}", kind, name(frame.frame()), field),
            fmt::format("the {} \"{}\" of {}", kind, history_.text(token), to_string(*owner)));
    }

    void unasked(std::uint32_t position)
    {
        const Event& frame = history_.events[position];
        const bool witness = witnesses_.contains(frame.user);
        const bool expected = witness ? comes_to_witnesses(frame.frame()) : !is_run_event(frame.frame());
        if (expected || frame.has(Flag::own_canary)) return;
        if (input_.runs.run_of(position) != nullptr || input_.runs.has_requests(UserId{frame.user})) return;
        add(position, position, std::nullopt,
            fmt::format("{} for a user who asked nothing", name(frame.frame())),
            "an event of a run nobody on this connection asked for");
    }

    static bool comes_to_witnesses(FrameType type)
    {
        return type == FrameType::welcome || type == FrameType::heartbeat || type == FrameType::ping ||
               type == FrameType::unknown;
    }

    bool news(UserId user)
    {
        if (std::find(reported_.begin(), reported_.end(), user) != reported_.end()) return false;
        reported_.push_back(user);
        return true;
    }

    void add(std::uint32_t position, std::uint32_t note, std::optional<UserId> owner, std::string signature,
             const std::string& what)
    {
        const Event& frame = history_.events[position];
        const Event& noted = history_.events[note];
        const bool in_field = note != position && noted.item != no_symbol;
        auto violation = violation_at(
            history_, position, std::move(signature),
            fmt::format("{} received {} with {}{}{}, at {}", who(frame), name(frame.frame()), what,
                        in_field ? " at " : "", in_field ? history_.text(noted.item) : "", moment(frame.at)),
            fmt::format("only data of {} on its connections", to_string(UserId{frame.user})));
        violation.other_user = owner;
        if (note != position) violation.evidence.push_back(note);
        findings_.add(std::move(violation));
    }

    const CheckInput& input_;
    const History& history_;
    const IdOwners& owners_;
    Findings findings_;
    UserId first_user_ = input_.connections.empty() ? UserId{} : input_.connections.front().id.user;
    bool several_ = false;                        // users
    bool echoed_ = false;                         // at least one canary came back where it belongs
    bool foreign_run_ = false;                    // this frame was reported for a canary of another run
    std::unordered_set<std::uint32_t> witnesses_; // users
    std::vector<UserId> reported_;                // other users for whom this frame was reported
};

} // namespace

CheckResult judge_isolation(const CheckInput& input)
{
    if (sends_no_requests(input)) {
        auto result = Isolation{input}.judge(); // silent witnesses can be told by what they receive
        return result.verdict == Verdict::fail ? result : skipped("isolation", no_requests_planned);
    }
    return Isolation{input}.judge();
}

} // namespace wsrace
