// Can this machine hold the requested users? Asked, and answered, before anything starts.
#pragma once

#include "scenario/scenario.hpp"

#include <string>
#include <vector>

namespace wsrace {

struct Capacity {
    std::uint64_t descriptors = 0;  // per process, after raising the soft limit
    std::uint64_t ports = 0;        // local ports for one address of the target
    std::uint64_t memory_bytes = 0; // available
};

// Raises the soft limit of open files to the hard one, then looks.
Capacity measure_capacity();

// One sentence for each resource that is too small: what is needed, what is there, how many users would fit.
std::vector<std::string> shortages(const Scenario& scenario, bool tls, const Capacity& capacity);

} // namespace wsrace
