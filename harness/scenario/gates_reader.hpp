// The `gates` of a scenario: connections that wait for each other and go on together.
#pragma once

#include "scenario/json_node.hpp"
#include "scenario/scenario.hpp"

namespace wsrace {

// Into Scenario::gates and Expectations::gates. Users and journeys have been read before; `judge_steps` is
// false when the journeys could not be read.
void read_gates(JsonObject& root, bool judge_steps, Scenario& scenario);

// A moment that connections can be held at, or one that can be waited for.
std::optional<Moment> read_held_moment(const JsonNode& node);
std::optional<Moment> read_observed_moment(const JsonNode& node);

} // namespace wsrace
