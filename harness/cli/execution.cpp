#include "cli/execution.hpp"

#include "cli/machine.hpp"
#include "cli/preparation.hpp"
#include "cli/progress_line.hpp"
#include "explore/execution.hpp"
#include "reports/report.hpp"

#include <fmt/format.h>

#include <optional>

namespace wsrace::cli {

ExecutionResult execute(const Scenario& scenario, const Plan& plan, const RunOptions& options,
                        const std::filesystem::path& folder, const std::stop_token& stop)
{
    std::optional<ProgressLine> line; // from when users are on their way
    const auto show = [&](const Progress& progress) {
        if (!line)
            line.emplace(static_cast<std::uint32_t>(plan.users.size()), plan.connection_count(),
                         scenario.expectations.deadlines.total, options.quiet || options.silent);
        line->show(progress);
    };
    const auto asked = describe(scenario, options);
    const auto execution = play_execution({.scenario = scenario,
                                           .plan = plan,
                                           .asked = asked,
                                           .folder = folder,
                                           .workers = options.workers,
                                           .stop = stop,
                                           .report = show});
    if (line) line->finish();

    const auto& history = execution.history;
    const ReportInput input{
        .info = history.info, .verdict = execution.verdict, .history = history, .out = folder.string()};
    write_reports(folder, input);
    if (!options.silent && (!options.quiet || execution.verdict.verdict != Verdict::pass))
        fmt::print("{}", terminal_summary(input, terminal_screen()));
    return {.verdict = execution.verdict, .interrupted = execution.interrupted, .problem = execution.problem};
}

} // namespace wsrace::cli
