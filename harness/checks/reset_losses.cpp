#include "checks/reset_losses.hpp"

#include "checks/runs.hpp"

#include <algorithm>
#include <optional>

namespace wsrace {

namespace {

// The place among the expected events, from 1; 0: none of them.
std::size_t place_of(FrameType type, const RunEvents& expected)
{
    const auto found = std::find(expected.types.begin(), expected.types.end(), type);
    return found == expected.types.end() ? 0 : static_cast<std::size_t>(found - expected.types.begin()) + 1;
}

struct Around {
    std::size_t before = 0;          // the furthest event that came on the connection that was reset
    std::optional<std::size_t> next; // the earliest that came on a later one
};

Around around(const History& history, const Run& run, const Event& drop, const RunEvents& expected)
{
    Around found;
    for (const auto position : run.frames) {
        const Event& frame = history.events[position];
        const auto place = place_of(frame.frame(), expected);
        if (frame.incarnation <= drop.incarnation)
            found.before = std::max(found.before, place);
        else if (place > 0)
            found.next = std::min(found.next.value_or(place), place);
    }
    return found;
}

} // namespace

void excuse_reset_losses(const History& history, Run& run, const RunEvents& expected)
{
    const auto terminal = expected.types.size();
    std::erase_if(run.drops, [&](std::uint32_t position) {
        const Event& drop = history.events[position];
        if (!drop.has(Flag::reset)) return false;
        const auto [before, next] = around(history, run, drop, expected);
        if (next && *next == before + 2) run.thrown_away.push_back(expected.types[before]);
        if (next || before + 1 != terminal || run.ended()) return false;
        run.given_up = nowhere; // its end was thrown away: nothing is left that could come
        return true;
    });
}

} // namespace wsrace
