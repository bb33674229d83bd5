// How long a user can take at most.
#pragma once

#include "scenario/scenario.hpp"

namespace wsrace {

// From a user's arrival to the end of its journey when every wait lasts as long as its deadline lets it, and
// nothing is repeated. An upper bound; over several journeys the longest. An exponential pause counts with
// twenty times its mean, which one in five hundred million exceeds.
Duration longest_journey(const Scenario& scenario);

} // namespace wsrace
