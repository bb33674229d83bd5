#include "cli/execution.hpp"

#include "checks/judge.hpp"
#include "cli/machine.hpp"
#include "cli/progress_line.hpp"
#include "cli/version.hpp"
#include "core/history_file.hpp"
#include "reports/report.hpp"
#include "run/play.hpp"
#include "run/supervision.hpp"
#include "scenario/digest.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <fstream>

namespace wsrace::cli {

namespace {

using Steady = std::chrono::steady_clock;

RunInfo describe(const Scenario& scenario, const Plan& plan, const std::string& plan_text,
                 const RunOptions& options)
{
    RunInfo info;
    info.run = random_run_id();
    info.seed = plan.seed;
    info.scenario = scenario.name;
    info.scenario_digest = scenario.digest;
    info.plan_digest = sha256_hex(plan_text);
    info.version = version;
    info.command = options.command;
    info.started = format_wall_clock(std::chrono::system_clock::now());
    info.machine = machine_description();
    info.users = static_cast<std::uint32_t>(plan.users.size());
    info.connections = plan.most_connections();
    info.requests = plan.request_count();
    const auto& target = scenario.target;
    info.target = target.server ? fmt::format("{}", fmt::join(target.server->command, " "))
                                : target.url.substr(0, target.url.find('?'));
    if (target.server) info.instances = target.server->instances_in_all();
    return info;
}

void write_file(const std::filesystem::path& file, const std::string& text)
{
    std::ofstream out{file, std::ios::binary};
    out << text;
    out.close();
    if (!out) throw std::runtime_error{fmt::format("{}: could not be written", file.string())};
}

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

struct Played {
    bool interrupted = false;
    std::string problem;
};

Played play_plan(const Scenario& scenario, const Plan& plan, const RunInfo& info, const PlayTarget& target,
                 Steady::time_point start, Steady::time_point anchor, const PlayOptions& options)
{
    Progress progress;
    const RunSetup setup{.scenario = scenario,
                         .plan = plan,
                         .target = target,
                         .info = info,
                         .progress = progress,
                         .start = start,
                         .anchor = anchor};
    const auto result = play(setup, options);
    Played played{.interrupted = result.interrupted, .problem = {}};
    if (result.overran)
        played.problem =
            fmt::format("the run did not end within {} (deadlines.total); what was going on then was cut off",
                        format_duration(scenario.expectations.deadlines.total));
    if (!result.problem.empty()) played.problem = result.problem;
    if (!result.history_error.empty())
        played.problem = fmt::format("the history is not complete: {}", result.history_error);
    return played;
}

} // namespace

ExecutionResult execute(const Scenario& scenario, const Plan& plan, const RunOptions& options,
                        const std::filesystem::path& folder, const std::stop_token& stop)
{
    const auto plan_text = plan_json(plan);
    const auto info = describe(scenario, plan, plan_text, options);
    std::filesystem::create_directories(folder);
    write_file(folder / "plan.json", plan_text);
    write_file(folder / "scenario.json", scenario.canonical);

    ExecutionResult result;
    const auto start = Steady::now();
    std::optional<Supervision> supervision;
    PlayTarget target;
    if (scenario.target.server) {
        try {
            supervision.emplace(scenario, plan, info, folder, start);
            result.problem = supervision->start(stop);
            target = supervision->target();
        } catch (const std::runtime_error& error) { // no port, no such upstream
            result.problem = error.what();
        }
    } else {
        result.problem = find_target(scenario, target);
        if (result.problem.empty()) result.problem = unreachable(target);
    }
    if (result.problem.empty()) {
        ProgressLine line{info.users, plan.connection_count(), scenario.expectations.deadlines.total,
                          options.quiet || options.silent};
        const PlayOptions play_options{.folder = folder,
                                       .workers = options.workers,
                                       .stop = stop,
                                       .report = [&line](const Progress& progress) { line.show(progress); }};
        const auto anchor = supervision ? supervision->anchor() : Steady::now();
        const auto played = play_plan(scenario, plan, info, target, start, anchor, play_options);
        line.finish();
        result.interrupted = played.interrupted;
        result.problem = played.problem;
        if (supervision && !result.interrupted) supervision->users_left();
    } else if (!supervision) {
        HistoryWriter{folder / "history.0", info}.complete(); // nothing was played, and the reports say so
    }
    if (supervision) {
        const auto trouble = supervision->stop();
        if (result.problem.empty() && !stop.stop_requested()) result.problem = trouble;
    }
    result.interrupted = result.interrupted || stop.stop_requested();

    const auto history = read_history(folder);
    result.verdict = judge(scenario.expectations, history);
    if (!result.problem.empty() && result.verdict.verdict == Verdict::pass)
        result.verdict.verdict = Verdict::inconclusive;
    if (!result.problem.empty()) result.verdict.summary = result.problem;
    const ReportInput input{
        .info = history.info, .verdict = result.verdict, .history = history, .out = folder.string()};
    write_reports(folder, input);
    if (options.silent) return result;
    if (!options.quiet || result.verdict.verdict != Verdict::pass)
        fmt::print("{}", terminal_summary(input, wants_colours()));
    return result;
}

} // namespace wsrace::cli
