// Whom starting gates and constraints concern, as far as no seed is needed to know it.
#pragma once

#include "scenario/scenario.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wsrace {

// The place in a journey of the step that the moment belongs to, or nothing if it has fewer of them.
std::optional<std::uint16_t> place_in(const std::vector<StepSpec>& journey, const Moment& moment,
                                      std::uint16_t occurrence);

// How often a journey has it.
std::size_t occurrences_in(const std::vector<StepSpec>& journey, const Moment& moment);

// Who waits for whom.
struct BoundUsers {
    std::uint32_t step = 0;
    std::uint32_t after = 0;
    bool operator==(const BoundUsers&) const = default;
};

// Ordered by `step`. A user named on the right who is among those on the left does not wait for itself.
std::vector<BoundUsers> bound_users(const Constraint& constraint, std::uint32_t users);

// "gate 0 at upgrade_sent", "constraint 1: connect 5 ms after close": as reports and `wsrace check` name
// them.
std::string title(const StartingGate& gate, std::size_t number);
std::string title(const Constraint& constraint, std::size_t number);

} // namespace wsrace
