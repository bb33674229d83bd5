// Which user has which behaviour, and whom a user names as somebody else.
#pragma once

#include "plan/plan.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace wsrace {

// For each user, 0 or 1 + a position in scenario.behaviours. Every user has one draw between 0 and 1 of their
// own: behaviours that are given as a number take the users with the highest draws, those that are given as a
// share divide the rest of the line from 0 on. So the number of users with a share varies with the seed.
std::vector<std::size_t> cast_behaviours(const Scenario& scenario, std::uint64_t seed);

// Somebody else who plays the ordinary role if there is anybody, drawn for this user.
UserId draw_other(const std::vector<std::size_t>& roles, UserId user, std::uint64_t seed);

// Whether a step of these journeys names {other_user}.
bool names_other(const std::vector<std::vector<StepSpec>>& journeys);

} // namespace wsrace
