// A server that says ready, and fails users who arrive afterwards.
#pragma once

#include "explore/probe.hpp"

#include <map>
#include <optional>
#include <vector>

namespace wsrace {

// Compares within each boot, so that jitter between boots makes no lie and hides none: users who were begun
// after the boot's own `ready` (by boot number) and failed inside a confirmed window. Three of them in two
// boots are needed.
std::optional<ReadinessLie> find_readiness_lie(const std::vector<Probe>& probes,
                                               const std::vector<ColdStartStretch>& windows,
                                               const std::map<std::uint32_t, Duration>& ready);

// The median; none of none.
std::optional<Duration> median_of(std::vector<Duration> values);

} // namespace wsrace
