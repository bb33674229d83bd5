// One simulated user placed at an offset after the anchor, and what became of it.
#pragma once

#include "core/cold_start.hpp"

#include <cstdint>

namespace wsrace {

struct Probe {
    Duration at{}; // after the anchor: when the attempt that decided the outcome was really begun
    ArrivalOutcome outcome = ArrivalOutcome::good;
    std::uint32_t boot = 0;
    std::uint32_t user = 0; // within the boot
};

} // namespace wsrace
