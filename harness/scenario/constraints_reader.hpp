// The `constraints` of a scenario: steps that happen a while after somebody else's.
#pragma once

#include "scenario/json_node.hpp"
#include "scenario/scenario.hpp"

namespace wsrace {

// Into Scenario::constraints and Expectations::constraints. Users, journeys and gates have been read before;
// `judge_steps` is false when the journeys could not be read.
void read_constraints(JsonObject& root, bool judge_steps, Scenario& scenario);

} // namespace wsrace
