#include "cli/execution.hpp"
#include "cli/interruption.hpp"
#include "cli/options.hpp"
#include "cli/preparation.hpp"
#include "cli/stored_run.hpp"
#include "cli/version.hpp"
#include "core/statistics.hpp"
#include "scenario/explain.hpp"

#include <fmt/format.h>

#include <random>

namespace wsrace::cli {

namespace {

constexpr auto run_examples = R"(Examples:
  wsrace run golden_path                        a shipped scenario, against the server that it starts
  wsrace run my_scenario.json --seed 7 --out night/1
  wsrace run golden_path --server 'wsrace serve --port {port} --bug shared_manager'
  wsrace run staging_smoke --target wss://staging.example.com/ws   a minute; the token is in WSRACE_TOKEN
  wsrace run golden_path --set users.count=1000 --set deadlines.run=10s
  wsrace run multi_tab --repeat 100             how often does it fail?
  wsrace run golden_path --store runs.sqlite --label $(git rev-parse --short HEAD)

Left in the run's folder: report.html, verdict.json, junit.xml, summary.md, metrics.prom, results.sarif
(where something has a place in a source file), plan.json, scenario.json, history.*, server.log.
Exit status: 0 pass, 1 violations, 2 usage or invalid input, 3 inconclusive or not reachable, )"
                              R"(130 interrupted.)";

void define(CLI::App& app, RunOptions& options)
{
    app.add_option("SCENARIO", options.scenario, "a scenario's file, or the name of a shipped one")
        ->required();
    auto* const target =
        app.add_option("--target", options.target, "URL of a running server (ws:// or wss://)");
    app.add_option("--server", options.server, "command that starts the server; {port} becomes a free port")
        ->excludes(target);
    app.add_option("--users", options.users, "how many users, instead of the scenario's number");
    app.add_option("--seed", options.seed, "the plan's seed, below 2^64; drawn if not given, and printed")
        ->check(is_seed);
    app.add_option("--repeat", options.repeat, "play the plan N times and say how often it failed")
        ->check(CLI::PositiveNumber);
    app.add_flag("--until-fail", options.until_fail,
                 "with --repeat: stop at the first run that does not pass");
    app.add_option("--set", options.set, "PATH=VALUE: change a field of the scenario, as users.count=20");
    define_remote_limits(app, options);
    app.add_option("--out", options.out, "the run's folder; default: out/SCENARIO-RUN");
    app.add_option("--store", options.store,
                   "keep what came of it in this SQLite file, for wsrace history and compare")
        ->envname("WSRACE_STORE");
    app.add_option("--label", options.label, "what was tested, a commit for instance: kept in the store");
    app.add_option("--workers", options.workers,
                   "threads that play users; default: one for every 1,000 connections");
    app.add_flag("-q,--quiet", options.quiet, "print only what did not pass");
    app.add_flag("-v,--verbose", options.verbose, "explain the scenario before playing it");
    app.footer(run_examples);
}

void announce(const Scenario& scenario, const Plan& plan, const RunOptions& options)
{
    if (options.quiet) return;
    fmt::print("wsrace {}: scenario {} ({}), seed {}: {} user{} x {} connection{}, {} requests\nrepeat: {}\n",
               version, scenario.name, scenario.digest.substr(0, 12), plan.seed, plan.users.size(),
               plan.users.size() == 1 ? "" : "s", plan.connections, plan.connections == 1 ? "" : "s",
               plan.request_count(), options.command);
    std::fflush(stdout);
}

int status_of(const ExecutionResult& result)
{
    if (!result.problem.empty()) fmt::print(stderr, "wsrace run: {}\n", result.problem);
    if (result.interrupted) return exit_interrupted;
    return exit_status(result.verdict.verdict);
}

// The same plan again and again. Runs that passed leave nothing but what is stored of them; the others keep
// their folders.
int repeat(const Scenario& scenario, const Plan& plan, RunOptions options, const std::stop_token& stop)
{
    const auto folder = out_folder(options, scenario);
    options.quiet = true;
    std::uint32_t played = 0, failed = 0, inconclusive = 0;
    while (played < options.repeat && !stop.stop_requested()) {
        const auto run_folder = folder / fmt::format("run-{:04}", ++played);
        const auto result = execute(scenario, plan, options, run_folder, stop);
        if (result.interrupted) break;
        const auto status = status_of(result);
        if (status == exit_pass && !result.not_stored) std::filesystem::remove_all(run_folder);
        failed += status == 1 ? 1 : 0;
        inconclusive += status == exit_inconclusive ? 1 : 0;
        if (status != exit_pass && options.until_fail) break;
    }
    const auto interval = wilson_interval(failed, played);
    fmt::print("{} runs: {} failed, {} inconclusive; failure rate {:.1f} % (95 % interval {:.1f} to {:.1f} "
               "%) on this "
               "machine\n",
               played, failed, inconclusive, played == 0 ? 0.0 : 100.0 * failed / played, 100 * interval.low,
               100 * interval.high);
    if (failed > 0 || inconclusive > 0) fmt::print("kept: {}\n", folder.string());
    if (stop.stop_requested()) return exit_interrupted;
    if (failed > 0) return exit_status(Verdict::fail);
    return inconclusive > 0 ? exit_inconclusive : exit_pass;
}

} // namespace

int run_command(const Arguments& arguments)
{
    RunOptions options;
    CLI::App app{"Plays a scenario against a target and judges what came back.", "wsrace run"};
    define(app, options);
    if (const auto status = parse(app, arguments)) return *status;
    const auto has_seed = app.count("--seed") > 0;
    if (!has_seed) options.seed = std::random_device{}();
    options.command = repeat_command("run", arguments, options, has_seed);

    if (const auto problems = mistakes_in(options); !problems.empty()) return reject("run", problems);
    const auto loaded = load_scenario(options.scenario, overrides_of(options));
    if (!loaded.problems.empty()) return reject("run", loaded.problems);
    const auto& scenario = *loaded.scenario;
    if (const auto problems = obstacles(scenario); !problems.empty()) return reject("run", problems);
    const auto plan = make_plan(scenario, options.seed);
    if (const auto problems = unsafe(scenario, plan, options); !problems.empty())
        return reject("run", problems);

    if (const auto problem = unusable_store(options.store); !problem.empty())
        return reject("run", {{.file = "--store", .path = {}, .message = problem}});

    const Interruption interruption;
    if (options.verbose) fmt::print("{}\n", explain(scenario));
    announce(scenario, plan, options);
    if (options.repeat > 1) return repeat(scenario, plan, options, interruption.token());
    const auto result = execute(scenario, plan, options, out_folder(options, scenario), interruption.token());
    return status_of(result);
}

} // namespace wsrace::cli
