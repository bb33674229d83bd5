// The search for cold-start windows against a real server: boots it again and again until the window search
// has nothing left to find out, or the budget is used up.
#pragma once

#include "core/cold_start.hpp"
#include "core/history.hpp"
#include "explore/window_search.hpp"
#include "scenario/scenario.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>

namespace wsrace {

struct ColdStartProgress {
    std::uint32_t boot = 0; // that is going on, from 1
    std::uint32_t boots = 0;
    std::uint32_t users = 0; // so far
    std::vector<ColdStartStretch> windows;
};

struct ColdStartOptions {
    WindowSearchOptions search;
    Arrival::Anchor anchor = Arrival::Anchor::port_open; // or spawn
    std::optional<Duration> budget;                      // no boot is begun that would not end within it
    double rate = 1;                                     // users per second, for the number of users hit
    std::filesystem::path folder;                        // run folders of boots are made in it
    std::stop_token stop;
    std::function<void(const ColdStartProgress&)> report; // before each boot; may be empty
};

// `info` names scenario, seed, version, command, target and machine. The report is complete whatever stopped
// the search. To be called on the main thread.
ColdStartReport search_cold_start(const Scenario& scenario, const RunInfo& info,
                                  const ColdStartOptions& options);

// 1: a window, or a readiness lie; 130: interrupted; 3: nothing can be said; 0: no window.
int exit_status(const ColdStartReport& report);

} // namespace wsrace
