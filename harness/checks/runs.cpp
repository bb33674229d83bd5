#include "checks/runs.hpp"

#include "checks/noted_frames.hpp"
#include "checks/outages.hpp"
#include "checks/reset_losses.hpp"
#include "checks/unclear_return.hpp"
#include "core/behaviour.hpp"
#include "core/step_spec.hpp"

#include <algorithm>

namespace wsrace {

namespace {

bool before(const Run& run, RequestId id) { return run.id < id; }

bool answers_requests(const Event& event)
{
    return event.kind == EventKind::frame &&
           (is_run_event(event.frame()) || event.frame() == FrameType::acknowledgement ||
            event.frame() == FrameType::error_message);
}

// Walks through all that happened on one slot, over its incarnations, and gives each frame to its run.
class SlotReader {
public:
    SlotReader(const History& history, const Outages& outages, const IdOwners& owners, std::vector<Run>& runs,
               std::vector<std::uint32_t>& attribution)
        : history_(history), outages_(outages), owners_(owners), runs_(runs), attribution_(attribution)
    {}

    void read(std::span<const ConnectionTrace> incarnations)
    {
        open_.clear();
        opened_.clear();
        last_ended_ = nullptr;
        positions_.clear();
        for (const auto& trace : incarnations)
            positions_.insert(positions_.end(), trace.events.begin(), trace.events.end());
        if (incarnations.size() > 1) std::sort(positions_.begin(), positions_.end());
        for (std::size_t i = 0; i < positions_.size(); ++i) {
            const Event& event = history_.events[positions_[i]];
            if (event.kind == EventKind::step) step(event, positions_[i]);
            if (event.kind == EventKind::end) end(event, positions_[i]);
            if (answers_requests(event)) frame(event, i);
        }
        end_with_what_was_under_way();
    }

private:
    Run* find(RequestId id)
    {
        const auto found = std::lower_bound(runs_.begin(), runs_.end(), id, before);
        return found != runs_.end() && found->id == id ? &*found : nullptr;
    }

    void step(const Event& event, std::uint32_t position)
    {
        const RequestId id{UserId{event.user}, SlotId{event.slot}, event.request};
        if (event.is_step(StepKind::upgrade_answered)) {
            opened_.resize(std::max<std::size_t>(opened_.size(), event.incarnation + 1U));
            opened_[event.incarnation] = event.at;
            if (event.outcome == Outcome::ok) came_back(event.at);
            if (event.outcome != Outcome::ok) unasked(event, position);
        } else if (event.is_step(StepKind::request_sent)) {
            Run* run = find(id);
            if (run != nullptr && run->sent == position) open_.push_back(run);
        } else if (event.is_step(StepKind::stop_sent) && event.outcome == Outcome::ok) {
            Run* run = find(id);
            if (run != nullptr && !run->ended() && run->stop == nowhere) run->stop = position;
        } else if (event.is_step(StepKind::events_awaited) && event.outcome == Outcome::timeout) {
            for (Run* run : open_)
                if (run->given_up == nowhere) run->given_up = position;
        } else if (event.is_step(StepKind::drop) || event.is_step(StepKind::close_sent)) {
            for (Run* run : open_) {
                cut(*run, event, position);
                if (event.is_step(StepKind::drop) && event.outcome == Outcome::ok)
                    leave(*run, event, position);
            }
        }
    }

    // The harness cut the connection of a run that was going on: it may be resumed on the next one. Of a
    // connection that only falls silent, or that still receives, the target cannot know that it is lost.
    static void leave(Run& run, const Event& event, std::uint32_t position)
    {
        const bool noticed = event.value <= static_cast<std::int32_t>(Ending::reset);
        if (!noticed || !lives_on(run, event)) return;
        run.drops.push_back(position);
        run.away.emplace_back(event.at, Instant::max());
    }

    // The user is there again. One whose connection the ingress had cut sees what becomes of its runs.
    void came_back(Instant at)
    {
        for (Run* run : open_) {
            if (!run->away.empty() && run->away.back().second == Instant::max()) run->away.back().second = at;
            if (run->cut == nowhere) continue;
            const Event& cut = history_.events[run->cut];
            if (cut.kind != EventKind::end || !outages_.ingress().cut(cut.connection(), cut.at)) continue;
            run->away.emplace_back(cut.at, at);
            run->cut_before = std::exchange(run->cut, nowhere);
        }
        // What the harness ended with the process while the user was away is awaited by nobody who knows
        // that.
        std::erase_if(open_, [&](const Run* run) {
            return run->cut != nowhere && !run->away.empty() &&
                   outages_.between(run->id.user, run->away.back().first, at);
        });
    }

    // What comes on a later connection than the one that was cut: the run goes on there, as any other does.
    void resume(Run& run, const Event& event) const
    {
        if (!is_resumption(run, event)) return;
        run.cut = nowhere;
        run.holder = event.incarnation;
    }

    bool is_resumption(const Run& run, const Event& event) const
    {
        return run.cut != nowhere && history_.events[run.cut].is_step(StepKind::drop) &&
               event.incarnation > history_.events[run.cut].incarnation;
    }

    void end(const Event& event, std::uint32_t position)
    {
        const bool by_target = (event.end() == EndKind::peer_closed || event.end() == EndKind::eof ||
                                event.end() == EndKind::reset || event.end() == EndKind::protocol_error) &&
                               !event.has(Flag::provoked);
        for (Run* run : open_) {
            if (!by_target || took_along(event) || outages_.ingress().cut(event.connection(), event.at)) {
                cut(*run, event, position);
            } else if (lives_on(*run, event) && run->cut == nowhere && run->lost == nowhere) {
                run->lost = position;
            }
        }
        // What died with the process is awaited by nobody who knows that.
        if (by_target && took_along(event))
            std::erase_if(open_, [&event](const Run* run) { return lives_on(*run, event); });
    }

    // What had left with an upgrade that was refused was never asked.
    void unasked(const Event& event, std::uint32_t position)
    {
        for (Run* run : open_)
            if (run->incarnation == event.incarnation && run->cut == nowhere) run->cut = position;
        std::erase_if(open_, [&](const Run* run) { return run->cut == position; });
    }

    bool took_along(const Event& end) const
    {
        const Instant opened = end.incarnation < opened_.size() ? opened_[end.incarnation] : Instant{};
        return outages_.took_along(UserId{end.user}, opened, end.at);
    }

    void cut(Run& run, const Event& event, std::uint32_t position)
    {
        if (lives_on(run, event) && run.cut == nowhere && run.lost == nowhere) run.cut = position;
    }

    // A late end of an older incarnation does not concern what was asked on a newer one.
    static bool lives_on(const Run& run, const Event& event) { return run.holder <= event.incarnation; }

    void frame(const Event& event, std::size_t i)
    {
        const std::uint32_t position = positions_[i];
        Run* run = owner(event, i);
        if (run == nullptr) return;
        attribution_[position] = static_cast<std::uint32_t>(run - runs_.data());
        if (run->id.user.value == event.user && run->id.slot.value == event.slot) {
            take(*run, event, position);
        } else if (is_run_event(event.frame())) {
            run->strays.push_back(position);
        }
    }

    Run* owner(const Event& event, std::size_t i)
    {
        if (event.has(Flag::own_canary)) return find({UserId{event.user}, SlotId{event.slot}, event.request});
        if (event.has(Flag::other_canary)) return owner_by_note(event, i);
        if (event.run != no_symbol) {
            const auto id = owners_.request_of(event.run);
            if (id) return find(*id);
        }
        if (open_.size() == 1) return open_.front();
        return open_.empty() ? last_ended_ : nullptr;
    }

    Run* owner_by_note(const Event& frame, std::size_t i)
    {
        for (std::size_t next = i + 1; next < positions_.size(); ++next) {
            const Event& note = history_.events[positions_[next]];
            if (note.at != frame.at) break;
            if (note.incarnation != frame.incarnation) continue;
            if (!is_note(note.kind)) break;
            if (note.kind != EventKind::canary) continue;
            const auto canary = parse_canary(history_.text(note.text));
            if (canary && canary->run == history_.info.run) return find(canary->request);
        }
        return nullptr;
    }

    void take(Run& run, const Event& event, std::uint32_t position)
    {
        if (event.frame() == FrameType::error_message) {
            const bool by_name = event.has(Flag::own_canary) || event.run != no_symbol;
            const bool instead_of_the_rest = by_name && is_resumption(run, event);
            if ((run.first != nowhere && !instead_of_the_rest) || run.refusal != nowhere) return;
            resume(run, event);
            run.refusal = position;
            close(run);
            return;
        }
        if (was_under_way(run, event)) return run.under_way.push_back(position);
        resume(run, event);
        if (run.accepted == nowhere) run.accepted = position;
        if (event.frame() == FrameType::acknowledgement) return;
        if (run.first == nowhere) run.first = position;
        const bool again = std::any_of(run.frames.begin(), run.frames.end(), [&](std::uint32_t earlier) {
            return is_repeat(history_.events[earlier], event);
        });
        (again ? run.repeats : run.frames).push_back(position);
        if (is_terminal_event(event.frame()) && run.terminal == nowhere) {
            run.terminal = position;
            close(run);
        }
    }

    // Sent before the target could know of the drop.
    bool was_under_way(const Run& run, const Event& event) const
    {
        return event.has(Flag::after_end) && !run.drops.empty() &&
               event.incarnation == history_.events[run.drops.back()].incarnation;
    }

    // Whoever had the end of its run under way has nothing more to send.
    void end_with_what_was_under_way()
    {
        for (Run* run : open_)
            for (const auto position : run->under_way)
                if (is_terminal_event(history_.events[position].frame()) && run->terminal == nowhere)
                    run->terminal = position;
    }

    void close(Run& run)
    {
        std::erase(open_, &run);
        last_ended_ = &run;
    }

    const History& history_;
    const Outages& outages_;
    const IdOwners& owners_;
    std::vector<Run>& runs_;
    std::vector<std::uint32_t>& attribution_;
    std::vector<std::uint32_t> positions_;
    std::vector<Run*> open_;
    std::vector<Instant> opened_; // by incarnation
    Run* last_ended_ = nullptr;
};

bool same_slot(const ConnectionTrace& a, const ConnectionTrace& b)
{
    return a.id.user == b.id.user && a.id.slot == b.id.slot;
}

} // namespace

RunTable::RunTable(const History& history, const std::vector<ConnectionTrace>& connections,
                   const RunEvents& expected)
    : owners_(history, connections), pauses_(history)
{
    collect_requests(history);
    attribution_.assign(history.events.size(), nowhere);
    const Outages outages(history);
    SlotReader reader(history, outages, owners_, runs_, attribution_);
    for (auto first = connections.begin(); first != connections.end();) {
        const auto last = std::find_if_not(
            first, connections.end(), [&](const ConnectionTrace& trace) { return same_slot(*first, trace); });
        reader.read({first, last});
        first = last;
    }
    excuse_unclear_returns(history, outages.ingress(), runs_);
    for (Run& run : runs_) {
        std::sort(run.strays.begin(), run.strays.end());
        if (!run.drops.empty()) excuse_reset_losses(history, run, expected);
        const auto over = std::min({run.terminal, run.refusal, run.given_up});
        const Instant until = over == nowhere ? watched_until(history, run) : history.events[over].at;
        run.paused = pauses_.within(run.id.user, run.id.slot, history.events[run.sent].at, until);
    }
}

void RunTable::collect_requests(const History& history)
{
    for (std::uint32_t position = 0; position < history.events.size(); ++position) {
        const Event& event = history.events[position];
        if (!event.is_step(StepKind::request_sent) || event.outcome != Outcome::ok) continue;
        Run run;
        run.id = {UserId{event.user}, SlotId{event.slot}, event.request};
        run.incarnation = run.holder = event.incarnation;
        run.sent = position;
        runs_.push_back(std::move(run));
    }
    std::stable_sort(runs_.begin(), runs_.end(), [](const Run& a, const Run& b) { return a.id < b.id; });
    for (const Event& event : history.events) {
        if (event.kind != EventKind::fault || event.request == no_request) continue;
        if (!history.text(event.text).starts_with(squat_mark)) continue;
        const RequestId id{UserId{event.user}, SlotId{event.slot}, event.request};
        const auto run = std::lower_bound(runs_.begin(), runs_.end(), id, before);
        if (run != runs_.end() && run->id == id) run->squats = true;
    }
    const auto same = [](const Run& a, const Run& b) { return a.id == b.id; };
    runs_.erase(std::unique(runs_.begin(), runs_.end(), same), runs_.end());
}

const Run* RunTable::find(RequestId id) const
{
    const auto found = std::lower_bound(runs_.begin(), runs_.end(), id, before);
    return found != runs_.end() && found->id == id ? &*found : nullptr;
}

bool RunTable::has_requests(UserId user) const
{
    const auto found = std::lower_bound(runs_.begin(), runs_.end(), RequestId{user, {}, 0}, before);
    return found != runs_.end() && found->id.user == user;
}

bool RunTable::has_requests(UserId user, SlotId slot) const
{
    const auto found = std::lower_bound(runs_.begin(), runs_.end(), RequestId{user, slot, 0}, before);
    return found != runs_.end() && found->id.user == user && found->id.slot == slot;
}

const Run* RunTable::run_of(std::uint32_t position) const
{
    return attribution_[position] == nowhere ? nullptr : &runs_[attribution_[position]];
}

Duration away(const Run& run, Instant from, Instant to)
{
    Duration sum{};
    for (const auto& [left, back] : run.away)
        sum += std::max(Duration{}, std::min(to, back) - std::max(from, left));
    return sum;
}

bool is_repeat(const Event& earlier, const Event& later)
{
    if (later.is_frame(FrameType::agent_started)) return earlier.is_frame(FrameType::agent_started);
    if (is_terminal_event(later.frame())) return is_terminal_event(earlier.frame());
    return earlier.type == later.type && later.item != no_symbol && earlier.item == later.item &&
           !later.has(Flag::item_is_tool);
}

Instant watched_until(const History& history, const Run& run)
{
    if (run.cut != nowhere) return history.events[run.cut].at;
    if (run.lost != nowhere) return history.events[run.lost].at;
    return history.duration();
}

bool had_its_time(const Expectations& expectations, const History& history, const Run& run)
{
    if (run.ended() || run.lost != nowhere) return true;
    if (run.given_up != nowhere && run.paused == Duration{}) return true;
    const Instant until =
        run.given_up == nowhere ? watched_until(history, run) : history.events[run.given_up].at;
    return until - run.paused >= history.events[run.sent].at + expectations.deadlines.run;
}

bool failed(const History& history, const Run& run)
{
    if (run.refusal != nowhere) return true;
    if (run.terminal == nowhere) return false;
    const Event& terminal = history.events[run.terminal];
    return terminal.is_frame(FrameType::agent_error) || terminal.has(Flag::failed_status);
}

bool was_thrown_away(const Run& run, FrameType type)
{
    return std::find(run.thrown_away.begin(), run.thrown_away.end(), type) != run.thrown_away.end();
}

} // namespace wsrace
