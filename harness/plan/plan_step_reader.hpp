// The journeys of a plan: steps as plan.json has them.
#pragma once

#include "plan/plan.hpp"
#include "scenario/journey_reader.hpp"

#include <vector>

namespace wsrace {

// Every journey of the list "journeys", each step with its path; what cannot work in the order of its steps
// is a mistake, too.
std::vector<PlacedJourney> read_planned_journeys(const JsonNode& list, bool needs_login);

} // namespace wsrace
