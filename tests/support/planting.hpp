// How a mistake gets into a history: choose a run, take frames out, put others in.
#pragma once

#include "checks/missing_events.hpp"
#include "checks/noted_frames.hpp"
#include "core/random.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace::test {

inline bool complete(const History& history, const Run& run)
{
    return run.stop == nowhere && run.cut == nowhere && run.drops.empty() && run.terminal != nowhere &&
           missing_events(history, run, {}).empty();
}

// A random run with all five events, of a user chosen by `suits`.
template <typename Suits>
std::optional<Run> some_run(const History& history, RandomEngine& random, Suits&& suits)
{
    const RunTable table(history, connections_of(history));
    std::vector<Run> candidates;
    for (const Run& run : table.runs())
        if (complete(history, run) && suits(run)) candidates.push_back(run);
    if (candidates.empty()) return std::nullopt;
    return candidates[random() % candidates.size()];
}

inline bool anybody(const Run& /*run*/) { return true; }

// User 0 has a single tab: what happens to it cannot be blamed on another one.
inline bool single_tab(const Run& run) { return run.id.user.value == 0; }

inline std::uint32_t nth_of(const History& history, const Run& run, FrameType type, std::size_t n = 0)
{
    for (const auto position : run.frames)
        if (history.events[position].is_frame(type) && n-- == 0) return position;
    return nowhere;
}

// Removes events, and of frames what was noted about them.
template <typename Condemned>
void remove_frames(History& history, Condemned&& condemned)
{
    std::vector<Event> kept;
    std::set<ConnectionId> without; // whose newest frame is gone
    for (std::uint32_t position = 0; position < history.events.size(); ++position) {
        const Event& event = history.events[position];
        const bool note = is_note(event.kind);
        const bool gone = condemned(position, event) || (note && without.contains(event.connection()));
        if (gone && event.kind == EventKind::frame) without.insert(event.connection());
        if (gone) continue;
        if (!note) without.erase(event.connection());
        kept.push_back(event);
    }
    history.events = std::move(kept);
}

// Returns its position.
inline std::uint32_t insert(History& history, Event event, Duration after = {})
{
    event.at += after;
    const auto place = std::upper_bound(history.events.begin(), history.events.end(), event.at,
                                        [](Instant at, const Event& other) { return at < other.at; });
    return static_cast<std::uint32_t>(history.events.insert(place, event) - history.events.begin());
}

inline void insert_note(History& history, std::uint32_t frame, EventKind kind, const std::string& text,
                        std::string_view field, Flag flag = {})
{
    Event note = history.events[frame];
    note.kind = kind;
    note.flags = static_cast<std::uint16_t>(flag);
    note.request = no_request;
    note.run = no_symbol;
    note.text = history.intern(text);
    note.item = history.intern(field);
    history.events.insert(history.events.begin() + frame + 1, note);
}

} // namespace wsrace::test
