// What commands that play a scenario have in common between their options and their first connection.
#pragma once

#include "cli/commands.hpp"
#include "cli/run_options.hpp"
#include "core/history.hpp"
#include "core/problem.hpp"
#include "plan/plan.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace wsrace::cli {

// For CLI11's check: empty, or what is wrong with a seed. CLI11 alone would take -1 for 2^64 - 1.
std::string is_seed(const std::string& text);

// What was typed, with the seed that was used: enough to repeat it. `name` is the command's.
std::string repeat_command(std::string_view name, const Arguments& arguments, const RunOptions& options,
                           bool has_seed);

// What every run's description says of who asked for it, where, when and against what.
RunInfo describe(const Scenario& scenario, const RunOptions& options);

// Prints the problems and gives the exit status.
int reject(std::string_view name, const std::vector<Problem>& problems);

// What makes a run impossible although the scenario is right: no target, no credentials, not enough of
// something.
std::vector<Problem> obstacles(const Scenario& scenario);

// Whether faults may reach a host that is not this machine: --allow-faults-on names it.
bool is_allowed(std::string_view host, const std::vector<std::string>& allowed);

// The options that raise what a target on another machine may get: --allow-faults-on, --remote-users,
// --remote-rate.
void define_remote_limits(CLI::App& app, RunOptions& options);

// What must not be done to the target: its host is on the deny list of the environment; or the harness did
// not start it, it is on another machine, and faults would reach it, or more users than it may get without
// somebody saying so.
std::vector<Problem> unsafe(const Scenario& scenario, const Plan& plan, const RunOptions& options);

// What is wrong with the command line itself.
std::vector<Problem> mistakes_in(const RunOptions& options);

// What is wrong with a duration that does not parse.
Problem not_a_duration(const char* option, const std::string& text);

// Where the run's files go.
std::filesystem::path out_folder(const RunOptions& options, const Scenario& scenario);

} // namespace wsrace::cli
