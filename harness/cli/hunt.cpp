#include "explore/hunt.hpp"
#include "cli/hunting.hpp"
#include "cli/interruption.hpp"
#include "cli/machine.hpp"
#include "cli/options.hpp"
#include "cli/preparation.hpp"
#include "cli/version.hpp"
#include "plan/plan_reader.hpp"
#include "plan/strategies/strategy.hpp"
#include "reports/hunt.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <random>

namespace wsrace::cli {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr double search_share = 0.6;      // of the budget, once there is something to shrink
constexpr double lone_search_share = 0.9; // the same where nothing is shrunk: then a plan is chosen
constexpr unsigned most_jobs = 64;

constexpr auto hunt_examples = R"(Examples:
  wsrace hunt golden_path --budget 2m           plans with 2 to 20 users, made from the scenario's journey
  wsrace hunt my_scenario.json --server './my-server --port {port}' --jobs 2
  wsrace hunt multi_tab --memory nightly.json   goes on where last night's hunt stopped
  wsrace hunt conversation --strategy step_pair_collision,swarm --until-found

First the users come one at a time: what fails then is an error of the application, not a race. Then
strategies take turns, and those that find something new get more. What fails is shrunk, with what is left of
the budget. Left in the folder: hunt.json, hunt.md, coverage.json, and for each race and error a folder
with reproducer.json, reproduce.sh, reproducer_test.cpp, timeline.md and a failing run.
Exit status: 0 nothing failed in what was played, 1 something did, 2 usage or invalid input, 3 inconclusive or
the target could not be played against, 130 interrupted before anything failed (what was found is kept).)";

struct HuntCommand {
    RunOptions run;
    std::string budget = "10m";
    std::uint64_t executions = 0;
    unsigned jobs = 1;
    std::vector<std::string> strategies;
    std::string memory;
    bool until_found = false;
    bool no_shrink = false;
    bool list = false;
};

void define(CLI::App& app, HuntCommand& command)
{
    auto& run = command.run;
    app.add_option("SCENARIO", run.scenario, "a scenario's file, or the name of a shipped one");
    auto* const target = app.add_option("--target", run.target, "URL of a running server (ws:// or wss://)");
    app.add_option("--server", run.server, "command that starts the server; {port} becomes a free port")
        ->excludes(target);
    app.add_option("--budget", command.budget, "at most so long, shrinking included; default 10m");
    app.add_option("--executions", command.executions, "at most so many executions of the search")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}));
    app.add_option("--strategy", command.strategies, "only these, separated by commas; see --list-strategies")
        ->delimiter(',');
    app.add_flag("--list-strategies", command.list, "print them");
    app.add_option("--jobs", command.jobs, "executions side by side; default 1")
        ->check(CLI::Range(1U, most_jobs));
    app.add_flag("--until-found", command.until_found, "end the search with the first race");
    app.add_flag("--no-shrink", command.no_shrink, "leave plans as they were found");
    app.add_option("--memory", command.memory, "file that keeps what was learned between hunts");
    app.add_option("--seed", run.seed, "of all plans, below 2^64; drawn if not given, and printed")
        ->check(is_seed);
    app.add_option("--set", run.set, "PATH=VALUE: change a field of the scenario, as deadlines.run=2s");
    define_remote_limits(app, run);
    app.add_option("--out", run.out, "the folder of the results; default: out/SCENARIO-RUN");
    app.add_flag("-q,--quiet", run.quiet, "print only the result");
    app.footer(hunt_examples);
}

int list_strategies()
{
    for (const auto& strategy : strategies())
        fmt::print("{:22} {}{}\n", strategy.name, strategy.description,
                   strategy.for_comparison ? " (only if it is named)" : "");
    return exit_pass;
}

std::vector<Problem> unknown_strategies(const std::vector<std::string>& wanted)
{
    std::vector<std::string_view> names;
    for (const auto& strategy : strategies()) names.push_back(strategy.name);
    std::vector<Problem> problems;
    for (const auto& name : wanted) {
        if (find_strategy(name) != nullptr) continue;
        const auto guess = nearest(name, names);
        problems.push_back(
            {.file = "--strategy",
             .path = {},
             .message = fmt::format("\"{}\" is not one; {}", name,
                                    guess.empty() ? "--list-strategies prints them"
                                                  : fmt::format("did you mean \"{}\"?", guess))});
    }
    return problems;
}

// Told before the hunt: what a night has learned would be lost.
std::vector<Problem> no_place_for(const std::string& memory)
{
    if (memory.empty()) return {};
    const auto folder = fs::absolute(memory).parent_path();
    if (::access(folder.c_str(), W_OK | X_OK) == 0) return {};
    return {{.file = "--memory",
             .path = memory,
             .message = fmt::format("cannot be written: {} {}", folder.string(),
                                    fs::exists(folder) ? "is not writable" : "does not exist")}};
}

std::vector<Problem> mistakes_in(const HuntCommand& command, HuntOptions& options)
{
    auto problems = mistakes_in(command.run);
    if (command.run.scenario.empty())
        problems.push_back({.file = "SCENARIO", .path = {}, .message = "is missing"});
    options.budget = parse_duration(command.budget);
    if (!options.budget)
        problems.push_back(not_a_duration("--budget", command.budget));
    else if (*options.budget < least_budget)
        problems.push_back(
            {.file = "--budget",
             .path = {},
             .message = fmt::format("{} is too short to play anything; at least 1s", command.budget)});
    for (auto& problem : no_place_for(command.memory)) problems.push_back(std::move(problem));
    for (auto& problem : unknown_strategies(command.strategies)) problems.push_back(std::move(problem));
    return problems;
}

std::string progress_text(const HuntProgress& now, const HuntOptions& options, Clock::time_point begin)
{
    auto text = fmt::format("{} execution{}", now.executions, now.executions == 1 ? "" : "s");
    if (now.voided > 0) text += fmt::format(" ({} void)", now.voided);
    text += fmt::format(", {} of {} interleavings", now.cells_hit, now.cells_feasible);
    if (now.since_new >= coverage_plateau) text += fmt::format(" (no new one in {})", now.since_new);
    if (!now.choosing.empty())
        text += fmt::format(", choosing among the plans that showed {}", now.choosing);
    else if (now.races > 0)
        text += fmt::format(", {} race{}: {} ({}x)", now.races, now.races == 1 ? "" : "s", now.most_seen,
                            now.most_seen_count);
    const auto left = *options.budget - (Clock::now() - begin);
    return text + fmt::format(", {} left", format_duration(std::max<Duration>(
                                               std::chrono::ceil<std::chrono::seconds>(left), Duration{})));
}

// The failures of the hunt, races first, one after the other, with equal shares of the time that is left.
class Shrinker {
public:
    Shrinker(const RunInfo& asked, const HuntOptions& options, bool quiet, Clock::time_point begin)
        : asked_{asked}, options_{options}, quiet_{quiet}, end_{begin + *options.budget}
    {}

    void shrink(HuntReport& report)
    {
        std::vector<FoundFailure*> failures;
        for (auto& failure : report.failures)
            if (!failure.folder.empty()) failures.push_back(&failure);
        const auto errors = std::stable_partition(failures.begin(), failures.end(),
                                                  [](const FoundFailure* one) { return one->is_race; });
        const auto races = static_cast<std::size_t>(errors - failures.begin());
        failures.resize(std::min(failures.size(), most_shrunk));
        for (std::size_t i = 0; i < failures.size() && !options_.stop.stop_requested(); ++i) {
            const auto budget = equal_share(end_ - Clock::now(), failures.size() - i);
            const auto folder =
                i < races ? fmt::format("race-{}", i + 1) : fmt::format("error-{}", i - races + 1);
            shrink_one(*failures[i], folder, budget);
        }
        fs::remove_all(options_.folder / "plays");
        report.interrupted = report.interrupted || interrupted_;
    }

private:
    void shrink_one(FoundFailure& failure, const std::string& folder, Duration budget)
    {
        auto loaded = load_replay(failure.folder, {});
        if (!loaded.replay) return; // its run's folder was taken away in the meantime
        loaded.replay->signature = failure.signature;
        if (!quiet_) fmt::print("shrinking {}\n", failure.signature);
        std::fflush(stdout);
        PlanPlayer player{loaded.replay->scenario, asked_, options_.folder / "plays", options_.stop};
        auto shrunk = shrink_to_reproducer({.player = player,
                                            .seed = options_.seed,
                                            .budget = budget,
                                            .folder = options_.folder / folder,
                                            .quiet = quiet_},
                                           *loaded.replay);
        interrupted_ = interrupted_ || shrunk.interrupted;
        if (shrunk.fails) failure.reproducer = std::move(shrunk.reproducer);
    }

    const RunInfo& asked_;
    const HuntOptions& options_;
    bool quiet_;
    Clock::time_point end_;
    bool interrupted_ = false;
};

int hunt_with(const HuntCommand& command, const Scenario& scenario, HuntOptions options)
{
    const Interruption interruption;
    const auto& run = command.run;
    auto memory = load_hunt_memory(command.memory, scenario.name, scenario.digest);
    if (!memory.problems.empty()) return reject("hunt", memory.problems);
    options.seed = run.seed;
    options.executions = command.executions;
    options.jobs = command.jobs;
    options.until_found = command.until_found;
    options.strategies = command.strategies;
    options.folder = out_folder(run, scenario);
    options.stop = interruption.token();
    const auto share = command.no_shrink ? lone_search_share : search_share;
    if (!command.no_shrink || !command.until_found)
        options.budget_once_found = std::chrono::duration_cast<Duration>(*options.budget * share);
    if (!run.quiet)
        fmt::print("wsrace {}: hunt of {}, seed {}, within {}\nrepeat: {}\n", version, scenario.name,
                   run.seed, command.budget, run.command);
    std::fflush(stdout);

    StatusLine line{run.quiet};
    const auto begin = Clock::now();
    options.report = [&](const HuntProgress& now) { line.show(progress_text(now, options, begin)); };
    const auto asked = describe(scenario, run);
    auto report = hunt(scenario, asked, options, *memory.memory);
    line.finish();
    if (!command.memory.empty()) {
        ++memory.memory->nights;
        memory.memory->updated = asked.started;
        save_hunt_memory(command.memory, *memory.memory);
    }
    write_hunt(options.folder, report); // whatever becomes of shrinking
    if (!command.no_shrink && !report.interrupted) {
        try {
            Shrinker{asked, options, run.quiet, begin}.shrink(report);
        } catch (const std::exception& problem) { // a full disk, no more processes: what was found stays
            fmt::print(stderr, "hunt: shrinking ended: {}\n", problem.what());
        }
        write_hunt(options.folder, report);
    }
    fmt::print("{}", hunt_terminal(report, wants_colours()));
    fmt::print("Artefacts  {}: report.html, hunt.json, hunt.md, coverage.json\n", options.folder.string());
    return exit_status(report);
}

} // namespace

int hunt_command(const Arguments& arguments)
{
    HuntCommand command;
    HuntOptions options;
    auto& run = command.run;
    CLI::App app{"Searches for timings that make a target fail, then shrinks what fails.", "wsrace hunt"};
    define(app, command);
    if (const auto status = parse(app, arguments)) return *status;
    if (command.list) return list_strategies();
    const auto has_seed = app.count("--seed") > 0;
    if (!has_seed) run.seed = std::random_device{}();
    run.command = repeat_command("hunt", arguments, run, has_seed);

    if (const auto problems = mistakes_in(command, options); !problems.empty())
        return reject("hunt", problems);
    const auto loaded = load_scenario(run.scenario, overrides_of(run));
    if (!loaded.problems.empty()) return reject("hunt", loaded.problems);
    const auto& scenario = *loaded.scenario;
    if (const auto wrong = obstacles(scenario); !wrong.empty()) return reject("hunt", wrong);
    if (const auto wrong = unsafe(scenario, make_plan(scenario, run.seed), run); !wrong.empty())
        return reject("hunt", wrong);
    return hunt_with(command, scenario, options);
}

} // namespace wsrace::cli
