#include "cli/execution.hpp"

#include "cli/machine.hpp"
#include "cli/preparation.hpp"
#include "cli/progress_line.hpp"
#include "cli/stored_run.hpp"
#include "explore/execution.hpp"
#include "explore/signature.hpp"
#include "reports/live_metrics.hpp"
#include "reports/report.hpp"
#include "reports/whole_file.hpp"

#include <fmt/format.h>

#include <optional>
#include <system_error>

namespace wsrace::cli {

namespace {

// metrics.prom while a run goes on, now and then: for whoever scrapes a soak.
class LiveMetrics {
public:
    LiveMetrics(std::filesystem::path folder, std::string scenario)
        : file_{std::move(folder) / "metrics.prom"}, scenario_{std::move(scenario)}
    {}

    void show(const Progress& progress)
    {
        const auto now = std::chrono::steady_clock::now();
        if (now < due_) return;
        due_ = now + interval;
        const auto get = [](const auto& counter) { return counter.load(std::memory_order_relaxed); };
        try {
            write_whole(file_, live_openmetrics({.scenario = scenario_,
                                                 .passed = now - begin_,
                                                 .users = get(progress.arrived),
                                                 .connections = get(progress.connected),
                                                 .requests = get(progress.requests),
                                                 .runs_ended = get(progress.runs_ended),
                                                 .frames = get(progress.frames),
                                                 .suspicious = get(progress.suspicious)}));
        } catch (const std::system_error&) {
            due_ = std::chrono::steady_clock::time_point::max(); // the reports will say what is wrong
        }
    }

private:
    static constexpr auto interval = std::chrono::seconds{5};

    std::filesystem::path file_;
    std::string scenario_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point due_ = begin_;
};

} // namespace

ExecutionResult execute(const Scenario& scenario, const Plan& plan, const RunOptions& options,
                        const std::filesystem::path& folder, const std::stop_token& stop)
{
    std::optional<ProgressLine> line; // from when users are on their way
    std::optional<LiveMetrics> metrics;
    const auto show = [&](const Progress& progress) {
        if (!line)
            line.emplace(static_cast<std::uint32_t>(plan.users.size()), plan.connection_count(),
                         scenario.expectations.deadlines.total, options.quiet || options.silent);
        line->show(progress);
        if (!metrics) metrics.emplace(folder, scenario.name);
        metrics->show(progress);
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
        fmt::print("{}", terminal_summary(input, terminal_screen()));
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
