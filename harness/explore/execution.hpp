// One execution of a plan: start the target, play, stop, read the history, judge.
#pragma once

#include "core/history.hpp"
#include "core/verdict.hpp"
#include "plan/plan.hpp"
#include "run/progress.hpp"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

namespace wsrace {

struct ExecutionRequest {
    const Scenario& scenario;
    const Plan& plan;
    const RunInfo& asked; // as begin_run_folder() takes it
    std::filesystem::path folder;
    std::size_t workers = 0; // 0: as many as the connections need
    std::stop_token stop;
    std::function<void(const Progress&)> report; // while users are on their way; may be empty
};

struct Execution {
    History history;
    RunVerdict verdict;
    bool interrupted = false;
    std::string
        problem; // not empty: the target could not be reached or started, or the history is not complete
};

// Plan, scenario, history and the server's log are left in the folder, also when the execution was
// interrupted or the target did not come up. Throws std::runtime_error, std::filesystem::filesystem_error or
// std::system_error if the disk does not take it.
Execution play_execution(const ExecutionRequest& request);

} // namespace wsrace
