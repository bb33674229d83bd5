// What became of each user of one boot: history to probes.
#pragma once

#include "core/expectation.hpp"
#include "core/history.hpp"
#include "explore/probe.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace wsrace {

struct ClassifiedBoot {
    std::optional<Instant> anchor; // when its life-cycle event was, in the history's time
    std::vector<Probe> probes;     // by user
    std::uint32_t voided = 0;      // users without an outcome: interrupted, or the harness itself could not
    std::optional<Duration>
        ready; // when the server said so itself (life-cycle event `ready`), after the anchor
};

// An outcome belongs to the attempt that decided it, and its time is when that attempt was really begun, not
// when it was planned: for a connection its own TCP connect, for a refused login the login. Of a login the
// history says only when it was planned; a busy harness begins it later. Without the anchor's life-cycle
// event in the history nothing can be said, and the result is empty.
ClassifiedBoot classify(const History& history, const Expectations& expectations, LifeCycle anchor,
                        std::uint32_t boot);

} // namespace wsrace
