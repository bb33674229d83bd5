// Ways to make plans that may hit a race. Pure: the same scenario and input give the same plan.
#pragma once

#include "plan/plan.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace wsrace {

// What waits, and what it waits for, by their step types (step_points.hpp): {"upgrade_sent", "close"}.
using StepWords = std::pair<std::string, std::string>;

struct StrategyInput {
    std::uint64_t seed = 0;
    std::uint32_t users = 0;                           // 2 to 60; 0: drawn, two or three mostly
    std::map<StepWords, double> weights{};             // factors on the prior; of a pair that is not named, 1
    Duration tolerance = std::chrono::milliseconds{5}; // of gates and of constraints with a small gap
};

struct Strategy {
    std::string_view name;
    std::string_view description;                     // one line
    bool for_comparison = false;                      // as load testers do; a hunt gives it nothing
    std::string (*why_not)(const Scenario& scenario); // empty: it can be used
    // Its users, arrivals, delays, gates and constraints are its own; journeys, behaviours, carriers and the
    // faults of target and link are the scenario's, unless the strategy says otherwise. To be played and
    // judged with as_planned().
    Plan (*make)(const Scenario& scenario, const StrategyInput& input);
};

std::span<const Strategy> strategies();
const Strategy* find_strategy(std::string_view name); // null: there is none

// How many users a plan has if nobody says: 2 to 20, small mostly, and no more than the scenario has (two at
// least).
std::uint32_t draw_users(const Scenario& scenario, std::uint64_t seed);

inline constexpr std::uint32_t most_users_of_a_plan = 20; // of one that is no crowd

// With that probability half of the scenario's users to all of them, 60 at most; else 0: no crowd.
std::uint32_t draw_crowd(const Scenario& scenario, std::uint64_t seed, double probability);

} // namespace wsrace
