// Whether everybody whom a scenario lets wait for somebody can ever go on.
#pragma once

#include "scenario/scenario.hpp"
#include "scenario/wait_circle.hpp"

#include <optional>

namespace wsrace {

// All users are taken for members of gates. Users, journeys, gates and constraints must be right otherwise.
std::optional<CircularWait> circular_wait(const Scenario& scenario);

} // namespace wsrace
