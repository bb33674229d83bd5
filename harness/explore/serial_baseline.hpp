// Before the hunt: what fails with one user at a time needs no race.
#pragma once

#include "explore/hunt_scenario.hpp"
#include "explore/learned_run_events.hpp"
#include "explore/plan_player.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace wsrace {

struct SerialBaseline {
    std::set<std::string> failures; // signatures that were seen
    EventTimes events;
    LearnedRunEvents run_events;
    std::string problem; // not empty: the target could not be played against at all
};

// One user alone, and then three one after the other (plan/serial.hpp), until three executions could be
// judged: each has a seed of its own. Where runs fall silent each lasts as long as that is waited for. So the
// first one has one user only, the others have the deadlines of a hunt, and after `budget` none is begun
// once one could be judged. Leaves no run folders. Throws what play_execution() throws.
SerialBaseline play_serially(PlanPlayer& player, std::uint64_t seed,
                             std::optional<Duration> budget = std::nullopt);

} // namespace wsrace
