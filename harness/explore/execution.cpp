#include "explore/execution.hpp"

#include "checks/judge.hpp"
#include "core/history_file.hpp"
#include "explore/run_folder.hpp"
#include "run/play.hpp"
#include "run/supervision.hpp"

#include <fmt/format.h>

#include <optional>

namespace wsrace {

namespace {

using Steady = std::chrono::steady_clock;

// Where a target is that is not supervised. Empty, or what is wrong with it.
std::string find_target(const Scenario& scenario, PlayTarget& target)
{
    auto& address = target.instances.emplace_back();
    auto url = parse_target_url(scenario.target.url);
    if (auto* const problem = std::get_if<std::string>(&url)) return *problem;
    address.url = std::get<TargetUrl>(url);
    auto endpoint = resolve(address.url);
    if (auto* const problem = std::get_if<std::string>(&endpoint)) return *problem;
    address.endpoint = std::get<boost::asio::ip::tcp::endpoint>(endpoint);
    if (address.url.tls)
        target.tls =
            make_tls_context({.verify = scenario.target.tls_verify, .ca_file = scenario.target.tls_ca_file});
    return {};
}

// What went wrong with playing itself; empty: nothing.
std::string problem_of(const PlayResult& result, const Scenario& scenario)
{
    if (!result.history_error.empty())
        return fmt::format("the history is not complete: {}", result.history_error);
    if (!result.problem.empty()) return result.problem;
    if (!result.overran) return {};
    return fmt::format("the run did not end within {} (deadlines.total); what was going on then was cut off",
                       format_duration(scenario.expectations.deadlines.total));
}

// Fills in what came of it; the history is on disk.
void play_users(const ExecutionRequest& request, const RunInfo& info, Execution& execution)
{
    const auto& scenario = request.scenario;
    const auto start = Steady::now();
    std::optional<Supervision> supervision;
    PlayTarget target;
    if (scenario.target.server) {
        try {
            supervision.emplace(scenario, request.plan, info, request.folder, start);
            execution.problem = supervision->start(request.stop);
            target = supervision->target();
        } catch (const std::runtime_error& error) { // no port, no such upstream
            execution.problem = error.what();
        }
    } else {
        execution.problem = find_target(scenario, target);
        if (execution.problem.empty()) execution.problem = unreachable(target);
    }
    if (execution.problem.empty()) {
        Progress progress;
        const RunSetup setup{.scenario = scenario,
                             .plan = request.plan,
                             .target = target,
                             .info = info,
                             .progress = progress,
                             .start = start,
                             .anchor = supervision ? supervision->anchor() : Steady::now()};
        const auto played = play(setup, {.folder = request.folder,
                                         .workers = request.workers,
                                         .stop = request.stop,
                                         .report = request.report});
        execution.interrupted = played.interrupted;
        execution.problem = problem_of(played, scenario);
        if (supervision && !execution.interrupted) supervision->users_left(request.stop);
    } else if (!supervision) {
        HistoryWriter{request.folder / "history.0", info}
            .complete(); // nothing was played, and reports say so
    }
    if (!supervision) return;
    using End = Supervision::End;
    const auto trouble = supervision->stop(execution.interrupted ? End::soon : End::in_its_own_time);
    if (execution.problem.empty() && !request.stop.stop_requested()) execution.problem = trouble;
}

} // namespace

Execution play_execution(const ExecutionRequest& request)
{
    const auto info = begin_run_folder(request.folder, request.scenario, request.plan, request.asked);
    Execution execution;
    play_users(request, info, execution);
    execution.interrupted = execution.interrupted || request.stop.stop_requested();
    execution.history = read_history(request.folder);
    execution.verdict = judge(request.scenario.expectations, execution.history);
    if (execution.problem.empty()) return execution;
    if (execution.verdict.verdict == Verdict::pass) execution.verdict.verdict = Verdict::inconclusive;
    execution.verdict.summary = execution.problem;
    return execution;
}

} // namespace wsrace
