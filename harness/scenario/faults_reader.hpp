// The `faults` of a scenario: bad things done on purpose.
#pragma once

#include "scenario/json_node.hpp"
#include "scenario/scenario.hpp"

namespace wsrace {

// Into Scenario::delays and ::life_cycle. Target and journeys have been read before: a delay must name a step
// that some journey has; `judge_steps` is false when the journeys could not be read.
void read_faults(JsonObject& root, bool judge_steps, Scenario& scenario);

} // namespace wsrace
