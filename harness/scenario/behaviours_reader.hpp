// The `users.behaviours` of a scenario: which of the users do something else, and what.
#pragma once

#include "scenario/json_node.hpp"
#include "scenario/scenario.hpp"

#include <optional>

namespace wsrace {

// Sets scenario.behaviours. Needs the users' number, the ordinary journeys and the profile.
void read_behaviours(JsonObject& users, Scenario& scenario);

// One entry of that list, {"behaviour": "leaver", "users": 1, ...}; nothing after a mistake, such as a
// behaviour that the scenario's profile or journeys make impossible.
std::optional<BehaviourSpec> read_behaviour(const JsonNode& node, const Scenario& scenario);

} // namespace wsrace
