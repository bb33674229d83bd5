#include "checks/unclear_return.hpp"

#include "checks/runs.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace wsrace {

namespace {

struct Opening {
    std::uint32_t position;
    std::uint16_t slot;
};

using Openings = std::map<std::uint32_t, std::vector<Opening>>; // by user

// A run that was cut, and whose rest did not come on the next connection of its slot.
bool still_away(const History& history, const Run& run)
{
    return !run.drops.empty() && !run.ended() && run.cut != nowhere &&
           history.events[run.cut].is_step(StepKind::drop);
}

Openings openings_of_those_away(const History& history, std::span<const Run> runs)
{
    Openings openings;
    for (const Run& run : runs)
        if (still_away(history, run)) openings.try_emplace(run.id.user.value);
    if (openings.empty()) return openings;
    for (std::uint32_t position = 0; position < history.events.size(); ++position) {
        const Event& event = history.events[position];
        if (!event.is_step(StepKind::upgrade_answered) || event.outcome != Outcome::ok) continue;
        const auto user = openings.find(event.user);
        if (user != openings.end()) user->second.push_back({.position = position, .slot = event.slot});
    }
    return openings;
}

bool opened_meanwhile(const History& history, const Run& run, std::uint16_t slot,
                      const std::vector<Opening>& openings)
{
    return std::any_of(openings.begin(), openings.end(), [&](const Opening& opening) {
        const Instant at = history.events[opening.position].at;
        const auto within = [at](const auto& absence) { return absence.first <= at && at <= absence.second; };
        return opening.slot == slot && std::any_of(run.away.begin(), run.away.end(), within);
    });
}

} // namespace

void excuse_unclear_returns(const History& history, std::span<Run> runs)
{
    const auto openings = openings_of_those_away(history, runs);
    for (Run& run : runs) {
        if (!still_away(history, run)) continue;
        const auto& of_user = openings.at(run.id.user.value);
        const auto taken = [&](const Opening& opening) {
            return opening.slot != run.id.slot.value && opened_meanwhile(history, run, opening.slot, of_user);
        };
        if (!std::any_of(of_user.begin(), of_user.end(), taken)) continue;
        run.given_up = nowhere;
        run.return_unclear = true;
        std::erase_if(run.strays, [&](std::uint32_t position) {
            return position > run.cut &&
                   opened_meanwhile(history, run, history.events[position].slot, of_user);
        });
    }
}

} // namespace wsrace
