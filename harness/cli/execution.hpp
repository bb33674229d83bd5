// One execution from plan to reports: start the target, play, stop, judge, write.
#pragma once

#include "cli/run_options.hpp"
#include "core/verdict.hpp"
#include "plan/plan.hpp"
#include "reports/report.hpp"

#include <filesystem>
#include <stop_token>
#include <string>

namespace wsrace::cli {

struct ExecutionResult {
    RunVerdict verdict;
    bool interrupted = false;
    bool not_stored = false; // although that was asked for: its folder is all that there is of it
    std::string
        problem; // not empty: the target could not be reached or started, or the history is not complete
};

// Everything is left in `folder`, also when the execution was interrupted or the target did not come up.
ExecutionResult execute(const Scenario& scenario, const Plan& plan, const RunOptions& options,
                        const std::filesystem::path& folder, const std::stop_token& stop);

// What all writers of reports are given. The history and the verdict outlive it; `folder` is where the run's
// files are, `out` how the user is told of it.
ReportInput report_input(const History& history, const RunVerdict& verdict,
                         const std::filesystem::path& folder, const std::filesystem::path& out);

} // namespace wsrace::cli
