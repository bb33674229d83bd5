// One simulated user placed at an offset after the anchor, and what became of it.
#pragma once

#include "core/cold_start.hpp"

#include <cstdint>
#include <optional>

namespace wsrace {

struct Probe {
    Duration at{}; // after the anchor: when the attempt that decided the outcome was really begun
    std::optional<Duration> login{}; // when its first login was planned, which is when it was begun unless
                                     // the harness was busy; none: the journey has no login
    bool at_login = false;           // the outcome was decided by a login, and `at` is that login's time
    ArrivalOutcome outcome = ArrivalOutcome::good;
    std::uint32_t boot = 0;
    std::uint32_t user = 0; // within the boot

    Duration arrival() const { return login.value_or(at); } // what a search can choose
};

} // namespace wsrace
