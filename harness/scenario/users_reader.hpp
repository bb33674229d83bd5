// The `users` of a scenario: how many, with how many connections, arriving when, carrying their token how.
#pragma once

#include "scenario/json_node.hpp"
#include "scenario/scenario.hpp"

namespace wsrace {

// `carrier` as profiles and scenarios name it.
std::optional<TokenCarrier> read_carrier(const JsonNode& node);

// Sets users, connections, arrival, carriers, retry_refused and behaviours. Needs the journeys and the
// profile: a user has at least as many connections as there are journeys, and the profile's carrier if none
// is named.
void read_users(JsonObject& root, Scenario& scenario);

} // namespace wsrace
