// Whether everybody who waits for somebody can ever go on.
#pragma once

#include "scenario/scenario.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace wsrace {

struct CircularWait {
    bool is_gate = false;   // what `number` counts
    std::size_t number = 0; // of a gate or constraint that is part of it
    std::string text;       // why it can never be kept: by way of what, and who is concerned
};

// A circle of waits, if there is one: constraints, gates (all users taken for members) and the order of
// journeys together. Users, journeys, gates and constraints must be right otherwise. Topological order (Kahn
// 1962) over the moments that gates and constraints name, linear in users.
std::optional<CircularWait> circular_wait(const Scenario& scenario);

} // namespace wsrace
