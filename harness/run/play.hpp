// Plays a plan: threads, sockets and waiting begin and end here. What happened is in the history files when
// it returns.
#pragma once

#include "run/worker.hpp"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

namespace wsrace {

struct PlayOptions {
    std::filesystem::path folder;                // history.0, history.1, ... are written here
    std::size_t workers = 0;                     // 0: as many as the users need
    std::stop_token stop;                        // Ctrl-C
    std::function<void(const Progress&)> report; // called about ten times a second; may be empty
};

struct PlayResult {
    bool interrupted = false;  // by the stop token
    bool overran = false;      // deadlines.total passed
    std::string history_error; // empty, or why the history is not complete (no space left, ...)
    std::string problem;       // what the proxy in front of the target could not do; else empty
    Duration took{};
};

// Ends by itself: every wait has a limit, and the whole has deadlines.total. An interruption ends it within
// two seconds.
PlayResult play(const RunSetup& setup, const PlayOptions& options);

// One thread for every thousand connections, at most one per core.
std::size_t default_workers(std::size_t connections);

} // namespace wsrace
