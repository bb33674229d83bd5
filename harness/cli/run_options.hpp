// What `wsrace run` was asked to do.
#pragma once

#include "run/remote_limits.hpp"
#include "scenario/scenario.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace wsrace::cli {

struct RunOptions {
    std::string scenario;
    std::string target; // --target URL
    std::string server; // --server 'CMD {port}'
    std::optional<std::uint32_t> users;
    std::uint64_t seed = 0;
    std::uint32_t repeat = 1;
    bool until_fail = false;
    std::vector<std::string> set;
    std::vector<std::string> allow_faults_on; // hosts
    RemoteLimits remote;                      // of a target on another machine
    std::filesystem::path out;
    std::filesystem::path store; // --store FILE: where what came of it is kept; empty: nowhere
    std::string label;           // --label TEXT: what was tested
    std::size_t workers = 0;
    bool quiet = false;
    bool verbose = false;
    bool silent = false; // nothing is printed at all: whoever plays says what came of it
    std::string command; // that repeats this run, seed included
};

// The options as changes to the scenario.
ScenarioOverrides overrides_of(const RunOptions& options);

// Splits a command as a shell would: blanks, single and double quotes, backslash; nothing is expanded.
std::vector<std::string> split_command(const std::string& command);

// Quotes an argument for a POSIX shell where it needs it.
std::string quote(const std::string& argument);

} // namespace wsrace::cli
