// Before the hunt: what fails with one user at a time needs no race.
#pragma once

#include "explore/hunt_scenario.hpp"
#include "explore/learned_run_events.hpp"
#include "explore/plan_player.hpp"

#include <cstdint>
#include <set>
#include <string>

namespace wsrace {

struct SerialBaseline {
    std::set<std::string> failures; // signatures that were seen
    EventTimes events;
    LearnedRunEvents run_events;
    std::string problem; // not empty: the target could not be played against at all
};

// Three users one after the other (plan/serial.hpp), until three executions could be judged: each has a seed
// of its own. Leaves no run folders. Throws what play_execution() throws.
SerialBaseline play_serially(PlanPlayer& player, std::uint64_t seed);

} // namespace wsrace
