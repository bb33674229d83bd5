// Steps in an order that can never work.
#pragma once

#include "scenario/journey_reader.hpp"

namespace wsrace {

// Walks through the journey as a connection would: a request needs an open connection, a second connect an
// end of the first, and so on. `needs_login`: the profile logs users in, so that nobody can connect without.
void check_journey(const PlacedJourney& journey, bool needs_login, Mistakes& mistakes);

} // namespace wsrace
