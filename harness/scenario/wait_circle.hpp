// Whether everybody who waits for somebody can ever go on.
#pragma once

#include "core/moment.hpp"

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace wsrace {

// A moment of one connection. A connection gets to its moments in the order of their ranks.
struct WaitPlace {
    std::uint32_t user = 0;
    std::uint16_t slot = 0;
    std::uint32_t rank = 0;
    auto operator<=>(const WaitPlace&) const = default;
};

// What is certain to have come before: the end of a connection only by its own close or drop, since nobody
// knows whether the target ends it.
std::uint32_t wait_rank(const std::vector<StepSpec>& journey, const Moment& moment, std::uint16_t step);

struct Waits {
    struct Constraint {
        std::size_t number = 0;
        WaitPlace step;
        WaitPlace after;
    };
    struct Group { // of a gate
        std::size_t number = 0;
        std::vector<WaitPlace> members;
    };
    std::vector<Constraint> constraints;
    std::vector<Group> groups;
};

struct CircularWait {
    bool is_gate = false;   // what `number` counts
    std::size_t number = 0; // of a gate or constraint that is part of it
    std::string text;       // why it can never be kept: by way of what, and who is concerned
};

// A circle of waits, if there is one: constraints, gates and the order of journeys together. Topological
// order (Kahn 1962) over the moments that they name, linear in them.
std::optional<CircularWait> circular_wait(const Waits& waits);

} // namespace wsrace
