// The `users.behaviours` of a scenario: which of the users do something else, and what.
#pragma once

#include "scenario/json_node.hpp"
#include "scenario/scenario.hpp"

namespace wsrace {

// Sets scenario.behaviours. Needs the users' number, the ordinary journeys and the profile.
void read_behaviours(JsonObject& users, Scenario& scenario);

} // namespace wsrace
