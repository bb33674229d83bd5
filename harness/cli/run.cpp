#include "cli/execution.hpp"
#include "cli/interruption.hpp"
#include "cli/options.hpp"
#include "cli/version.hpp"
#include "core/statistics.hpp"
#include "net/tls.hpp"
#include "run/capacity.hpp"
#include "run/login.hpp"
#include "scenario/explain.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <charconv>
#include <random>

namespace wsrace::cli {

namespace {

constexpr auto examples = R"(Examples:
  wsrace run golden_path                        a shipped scenario, against the server that it starts
  wsrace run my_scenario.json --seed 7 --out night/1
  wsrace run golden_path --server 'wsrace serve --port {port} --bug shared_manager'
  wsrace run staging_smoke --target wss://staging.example.com/ws --users 5
  wsrace run golden_path --set users.count=1000 --set deadlines.run=10s
  wsrace run multi_tab --repeat 100             how often does it fail?

Left in the run's folder: verdict.json, junit.xml, summary.md, plan.json, scenario.json, history.*, )"
                          R"(server.log.
Exit status: 0 pass, 1 violations, 2 usage or invalid input, 3 inconclusive or not reachable, )"
                          R"(130 interrupted.)";

// CLI11 alone would take -1 for 2^64 - 1.
std::string is_seed(const std::string& text)
{
    std::uint64_t value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc{} && stop == end) return {};
    return fmt::format("\"{}\" is not a seed; expected a whole number from 0 to 2^64 - 1", text);
}

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
    app.add_option("--out", options.out, "the run's folder; default: out/SCENARIO-RUN");
    app.add_option("--workers", options.workers,
                   "threads that play users; default: one for every 1,000 connections");
    app.add_flag("-q,--quiet", options.quiet, "print only what did not pass");
    app.add_flag("-v,--verbose", options.verbose, "explain the scenario before playing it");
    app.footer(examples);
}

// What was typed, with the seed that was used: enough to repeat the run.
std::string repeat_command(const Arguments& arguments, const RunOptions& options, bool has_seed)
{
    std::string out = "wsrace run";
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i] == "--out") {
            ++i;
            continue;
        }
        if (!arguments[i].starts_with("--out=")) out += " " + quote(arguments[i]);
    }
    return has_seed ? out : out + fmt::format(" --seed {}", options.seed);
}

int reject(const std::vector<Problem>& problems)
{
    for (const auto& problem : problems) fmt::print(stderr, "{}\n", to_string(problem));
    fmt::print(stderr, "wsrace run: {} mistake{}; nothing was started\n", problems.size(),
               problems.size() == 1 ? "" : "s");
    return exit_usage;
}

std::string unusable_ca_file(const TargetSpec& target)
{
    if (target.tls_ca_file.empty()) return {};
    try {
        make_tls_context({.verify = target.tls_verify, .ca_file = target.tls_ca_file});
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return {};
}

// What makes a run impossible although the scenario is right: no target, no credentials, not enough of
// something.
std::vector<Problem> obstacles(const Scenario& scenario)
{
    std::vector<Problem> out;
    const auto add = [&](std::string path, std::string message) {
        if (!message.empty())
            out.push_back({.file = scenario.file, .path = std::move(path), .message = std::move(message)});
    };
    const auto& target = scenario.target;
    if (target.url.empty() && !target.server)
        add("$.target", "the scenario names no target; give --target URL or --server 'COMMAND {port}'");
    bool tls = false;
    if (!target.url.empty()) {
        const auto url = parse_target_url(target.url);
        if (const auto* const problem = std::get_if<std::string>(&url))
            add("$.target.url", *problem);
        else
            tls = std::get<TargetUrl>(url).tls;
    }
    add("$.target.tls.ca_file", unusable_ca_file(target));
    add("$.profile", missing_credentials(scenario.profile));
    for (const auto& shortage : shortages(scenario, tls, measure_capacity())) add("$.users", shortage);
    return out;
}

// What is wrong with the command line itself.
std::vector<Problem> mistakes_in(const RunOptions& options)
{
    namespace fs = std::filesystem;
    std::vector<Problem> out;
    try {
        split_command(options.server);
    } catch (const std::runtime_error& error) {
        out.push_back({.file = "--server", .path = {}, .message = error.what()});
    }
    std::error_code ignored;
    const auto add = [&](const char* message) {
        out.push_back({.file = "--out", .path = options.out.string(), .message = message});
    };
    auto existing = fs::absolute(options.out.empty() ? fs::path{"out"} : options.out);
    if (!options.out.empty() && fs::exists(existing) && !fs::is_directory(existing))
        add("is not a folder");
    else if (!options.out.empty() && fs::exists(existing) && !fs::is_empty(existing, ignored))
        add("is not empty; choose another folder");
    while (!fs::exists(existing, ignored) && existing.has_relative_path()) existing = existing.parent_path();
    if (::access(existing.c_str(), W_OK) != 0) add("cannot be written to; choose another folder");
    return out;
}

std::filesystem::path out_folder(const RunOptions& options, const Scenario& scenario)
{
    if (!options.out.empty()) return options.out;
    return std::filesystem::path{"out"} / fmt::format("{}-{}", scenario.name, to_string(random_run_id()));
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

// The same plan again and again. Runs that passed leave nothing; the others keep their folders.
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
        if (status == exit_pass) std::filesystem::remove_all(run_folder);
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
    options.command = repeat_command(arguments, options, has_seed);

    if (const auto problems = mistakes_in(options); !problems.empty()) return reject(problems);
    const auto loaded = load_scenario(options.scenario, overrides_of(options));
    if (!loaded.problems.empty()) return reject(loaded.problems);
    const auto& scenario = *loaded.scenario;
    if (const auto problems = obstacles(scenario); !problems.empty()) return reject(problems);

    const Interruption interruption;
    const auto plan = make_plan(scenario, options.seed);
    if (options.verbose) fmt::print("{}\n", explain(scenario));
    announce(scenario, plan, options);
    if (options.repeat > 1) return repeat(scenario, plan, options, interruption.token());
    const auto result = execute(scenario, plan, options, out_folder(options, scenario), interruption.token());
    return status_of(result);
}

} // namespace wsrace::cli
