// The strategies, one file each, and what they are made of.
#pragma once

#include "plan/strategies/draft.hpp"
#include "plan/strategies/parts.hpp"
#include "plan/strategies/variations.hpp"

namespace wsrace::strategy {

Plan burst(const Scenario& scenario, const StrategyInput& input);
Plan ramp(const Scenario& scenario, const StrategyInput& input);
Plan byte_barrier(const Scenario& scenario, const StrategyInput& input);
Plan uniform_jitter(const Scenario& scenario, const StrategyInput& input);
Plan log_uniform_jitter(const Scenario& scenario, const StrategyInput& input);
Plan priority_in_time(const Scenario& scenario, const StrategyInput& input);
Plan step_pair_collision(const Scenario& scenario, const StrategyInput& input);
Plan life_cycle_collision(const Scenario& scenario, const StrategyInput& input);
Plan behaviour_collision(const Scenario& scenario, const StrategyInput& input);
Plan swarm(const Scenario& scenario, const StrategyInput& input);

} // namespace wsrace::strategy
