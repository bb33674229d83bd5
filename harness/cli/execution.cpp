#include "cli/execution.hpp"

#include "cli/machine.hpp"
#include "cli/preparation.hpp"
#include "cli/progress_line.hpp"
#include "cli/stored_run.hpp"
#include "explore/execution.hpp"
#include "explore/signature.hpp"

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
    const auto input = report_input(history, execution.verdict, folder, folder);
    write_reports(folder, input);
    if (!options.silent && (!options.quiet || execution.verdict.verdict != Verdict::pass))
        fmt::print("{}", terminal_summary(input, wants_colours()));
    bool not_stored = false;
    if (!options.store.empty()) {
        const auto record = record_of(scenario.expectations, history, execution.verdict,
                                      execution.interrupted, options.label);
        not_stored = !store_run(record, options.store, folder, options.quiet || options.silent);
    }
    return {.verdict = execution.verdict,
            .interrupted = execution.interrupted,
            .not_stored = not_stored,
            .problem = execution.problem};
}

ReportInput report_input(const History& history, const RunVerdict& verdict,
                         const std::filesystem::path& folder, const std::filesystem::path& out)
{
    ReportInput input{.info = history.info, .verdict = verdict, .history = history, .out = out.string()};
    input.folder = folder;
    for (auto& found : failure_signatures(verdict, history))
        input.failures.push_back(
            {std::move(found.key), std::move(found.details), std::move(found.also_seen)});
    return input;
}

} // namespace wsrace::cli
