// A frame together with what the runner noted about it: the canary, mention and schema events that follow it on its connection.
#pragma once

#include "core/history.hpp"

#include <cstdint>
#include <span>

namespace wsrace {

struct NotedFrame {
    std::uint32_t frame;
    std::span<const std::uint32_t> notes; // positions, in order
};

inline bool is_note(EventKind kind)
{
    return kind == EventKind::canary || kind == EventKind::mention || kind == EventKind::schema;
}

// Calls `visit(NotedFrame)` for every frame of the connection, in order.
template <typename Visit>
void for_each_frame(const History& history, const ConnectionTrace& connection, Visit&& visit)
{
    const std::span<const std::uint32_t> positions = connection.events;
    for (std::size_t i = 0; i < positions.size(); ++i) {
        if (history.events[positions[i]].kind != EventKind::frame) continue;
        std::size_t last = i + 1;
        while (last < positions.size() && is_note(history.events[positions[last]].kind)) ++last;
        visit(NotedFrame{positions[i], positions.subspan(i + 1, last - i - 1)});
    }
}

} // namespace wsrace
