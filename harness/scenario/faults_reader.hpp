// The `faults` of a scenario: bad things done on purpose.
#pragma once

#include "scenario/json_node.hpp"
#include "scenario/scenario.hpp"

#include <vector>

namespace wsrace {

// A fault must name a step that some journey has; `judge_steps` is false when the journeys could not be read.
std::vector<DelayFault> read_faults(JsonObject& root, const std::vector<std::vector<StepSpec>>& journeys,
                                    bool judge_steps);

} // namespace wsrace
