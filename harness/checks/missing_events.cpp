#include "checks/missing_events.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wsrace {

std::vector<FrameType> missing_events(const History& history, const Run& run, const RunEvents& expected)
{
    std::vector<FrameType> missing;
    for (const FrameType type : expected.types) {
        const auto is_it = [&](std::uint32_t position) { return history.events[position].is_frame(type); };
        if (!std::any_of(run.frames.begin(), run.frames.end(), is_it) &&
            !std::any_of(run.under_way.begin(), run.under_way.end(), is_it) && !was_thrown_away(run, type))
            missing.push_back(type);
    }
    return missing;
}

std::string event_types_seen(const History& history, const Run& run, const RunEvents& expected)
{
    const auto all = expected.types.size();
    const auto seen = all - missing_events(history, run, expected).size();
    if (all == five_events.size()) return fmt::format("{} of five event types", seen);
    return fmt::format("{} of {} event type{}", seen, all, all == 1 ? "" : "s");
}

} // namespace wsrace
