// Instances that an ingress's scenario adds and removes while users are there.
#pragma once

#include "run/instance.hpp"

#include <vector>

namespace wsrace {

// One instance at one time. Who is removed is the newest that is there.
struct ScaleStep {
    Duration at{}; // after the server was ready
    std::uint16_t instance = 0;
    bool add = false;
    bool operator==(const ScaleStep&) const = default;
};

// Pure; in the order of time.
std::vector<ScaleStep> scale_steps(const ServerSpec& server);

// A removed instance gets no new connections, SIGTERM, and SIGKILL when its time to drain is up. Empty, or
// why an instance did not come up, or that it never came to the step.
Task<std::string> play_scale_step(Supervisees& shared, Instance& instance, ScaleStep step,
                                  Clock::time_point ready);

} // namespace wsrace
