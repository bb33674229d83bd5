// One boot of a supervised server with users placed at offsets after its anchor: start, play, stop, look.
#pragma once

#include "explore/classification.hpp"
#include "scenario/scenario.hpp"

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace wsrace {

// The scenario as a search for the cold-start window plays it: one connection per user, nobody tries again,
// no delays and no life-cycle faults besides. Faults of dependencies stay: they are part of the start. There
// is one instance of the server, since offsets count from its anchor. deadlines.total is raised to what the
// last user, who arrives at `until` after the anchor, may need.
Scenario for_cold_start(Scenario scenario, Arrival::Anchor anchor, Duration until);

struct BootRequest {
    const Scenario& scenario;            // from for_cold_start
    const RunInfo& info;                 // of the search; the boot's own fields are filled in
    const std::vector<Duration>& places; // one user each
    std::uint32_t number = 0;
    std::filesystem::path folder; // made; holds what a run's folder holds, but for reports
    std::stop_token stop;
};

struct BootResult {
    ClassifiedBoot classified;
    std::optional<Duration> ready; // after the anchor: its health path answered 200, or its log said so
    bool interrupted = false;
    std::string problem; // not empty: nothing was learned; says why
};

BootResult play_boot(const BootRequest& request);

} // namespace wsrace
