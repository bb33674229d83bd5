// The hunt: plays plans that strategies make until the budget is used up, learns which strategies and which
// pairs of steps still show something new, and gathers what failed.
#pragma once

#include "core/history.hpp"
#include "core/hunt.hpp"
#include "explore/hunt_memory.hpp"
#include "scenario/scenario.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace wsrace {

struct HuntProgress {
    std::uint64_t executions = 0; // that ended, void ones included
    std::uint64_t voided = 0;
    std::size_t cells_hit = 0, cells_feasible = 0;
    std::uint64_t since_new = 0; // executions since the last new cell
    std::size_t races = 0;
    std::string most_seen; // the race that was seen most often
    std::uint64_t most_seen_count = 0;
    std::string choosing; // the failure of which several plans are replayed; empty: it still searches
};

struct HuntOptions {
    std::uint64_t seed = 0;
    std::optional<Duration> budget;            // no execution is begun after it
    std::optional<Duration> budget_once_found; // the same when something failed: the rest is for shrinking
    std::uint64_t executions = 0;              // at most; 0: as many as the budget allows
    unsigned jobs = 1;                         // executions side by side
    bool until_found = false;                  // ends with the first race
    std::vector<std::string> strategies;       // their names; empty: all that a hunt uses
    std::filesystem::path folder;              // run folders are made in it
    std::stop_token stop;
    // After each execution, and before each replay of a plan that is to be chosen; by one thread at a time.
    std::function<void(const HuntProgress&)> report;
};

// `memory`: what earlier nights have learned, to which this one adds; plans of the failures that they saw
// most often are played first, if their run folders are still there. Each failure keeps one run folder: of
// the plan that is best to go on with, which is chosen behind the search (explore/audition.hpp) unless that
// was to end with the first race, within a tenth of the budget, if there is one; what the memory says of
// folders that are gone is forgotten. Failures have no reproducers yet (explore/shrink.hpp). What playing
// throws ends the hunt, and is the report's problem.
HuntReport hunt(const Scenario& scenario, const RunInfo& asked, const HuntOptions& options,
                HuntMemory& memory);

} // namespace wsrace
