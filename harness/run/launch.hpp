// Brings a supervised target up: port, process, readiness.
#pragma once

#include "run/play_target.hpp"
#include "scenario/scenario.hpp"
#include "target/port.hpp"
#include "target/server_process.hpp"

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace wsrace {

// A server that is running, and since when.
struct LaunchedServer {
    std::unique_ptr<ReservedPort> port;
    std::unique_ptr<ServerProcess> process;
    std::chrono::steady_clock::time_point
        anchor;          // spawn, port open or ready, as the scenario's arrival wants
    std::string problem; // not empty: it did not come up; says how, with its last output
};

// Starts the scenario's server and waits for the anchor that arrivals count from. Never longer than the
// scenario allows.
LaunchedServer launch_server(const Scenario& scenario, const RunInfo& info,
                             const std::filesystem::path& folder, std::chrono::steady_clock::time_point start,
                             const std::stop_token& stop);

} // namespace wsrace
