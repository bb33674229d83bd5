#include "cli/hunting.hpp"
#include "cli/interruption.hpp"
#include "cli/options.hpp"
#include "cli/preparation.hpp"
#include "cli/version.hpp"
#include "reports/hunt.hpp"

#include <fmt/format.h>

#include <random>

namespace wsrace::cli {

namespace {

namespace fs = std::filesystem;

constexpr auto shrink_examples = R"(Examples:
  wsrace shrink out/golden_path-7hq5bnw3        the plan of a run that failed
  wsrace shrink out/hunt/race-1 --budget 10m    go on with what is small already
  wsrace shrink plan.json --signature 'isolation: canary of another user'

Leaves reproducer.json, reproduce.sh (the same in one file), reproducer_test.cpp (Catch2), timeline.md and a
failing run in the folder. It can be interrupted at any time, and keeps the best so far.
Exit status: 0 shrunk, 1 it could not be made to fail, or fails too seldom, 2 usage or invalid input,
3 the target could not be played against, 130 interrupted.)";

struct ShrinkCommand {
    RunOptions run;
    std::string plan;
    std::string budget = "5m";
    std::string signature;
};

void define(CLI::App& app, ShrinkCommand& command)
{
    auto& run = command.run;
    app.add_option("PLAN", command.plan, "a run's folder, a plan.json, or a reproducer.json")->required();
    app.add_option("--budget", command.budget, "at most so long; default 5m");
    app.add_option("--signature", command.signature, "the failure that is to stay; default: any");
    auto* const target = app.add_option("--target", run.target, "URL of a running server (ws:// or wss://)");
    app.add_option("--server", run.server, "command that starts the server; {port} becomes a free port")
        ->excludes(target);
    define_remote_limits(app, run);
    app.add_option("--set", run.set, "PATH=VALUE: change a field of the scenario, as deadlines.run=2s");
    app.add_option("--seed", run.seed, "of what is tried; drawn if not given, and printed")->check(is_seed);
    app.add_option("--out", run.out, "the folder of the reproducer; default: out/SCENARIO-RUN");
    app.add_flag("-q,--quiet", run.quiet, "print only the result");
    app.footer(shrink_examples);
}

int report(const Shrunk& shrunk, const PlanPlayer& player)
{
    const auto& reproducer = shrunk.reproducer;
    fmt::print("{}\n", reproducer.summary);
    if (!shrunk.fails) fmt::print("{}", others_text(player.otherwise()));
    if (!shrunk.fails) return shrunk.interrupted ? exit_interrupted : 1;
    fmt::print("{}", reproducer_text(reproducer, 2));
    return shrunk.interrupted ? exit_interrupted : exit_pass;
}

} // namespace

int shrink_command(const Arguments& arguments)
{
    ShrinkCommand command;
    auto& run = command.run;
    CLI::App app{"Makes a failing plan as small and as certain to fail as it can be.", "wsrace shrink"};
    define(app, command);
    if (const auto status = parse(app, arguments)) return *status;
    const auto has_seed = app.count("--seed") > 0;
    if (!has_seed) run.seed = std::random_device{}();
    run.command = repeat_command("shrink", arguments, run, has_seed);

    auto problems = mistakes_in(run);
    const auto budget = parse_duration(command.budget);
    if (!budget) problems.push_back(not_a_duration("--budget", command.budget));
    if (!command.signature.empty() && !names_a_check(command.signature))
        problems.push_back(
            {.file = "--signature",
             .path = {},
             .message = fmt::format("\"{}\" is nothing that a check says; take it from hunt.json, "
                                    "as \"isolation: canary of another user\"",
                                    command.signature)});
    if (budget && *budget < least_budget)
        problems.push_back(
            {.file = "--budget",
             .path = {},
             .message = fmt::format("{} is too short to play anything; at least 1s", command.budget)});
    if (!problems.empty()) return reject("shrink", problems);
    auto loaded = load_replay(command.plan, overrides_of(run));
    if (!loaded.problems.empty()) return reject("shrink", loaded.problems);
    auto& replay = *loaded.replay;
    if (!command.signature.empty()) replay.signature = as_named_now(command.signature);
    if (const auto wrong = obstacles(replay.scenario); !wrong.empty()) return reject("shrink", wrong);
    if (const auto wrong = unsafe(replay.scenario, replay.plan, run); !wrong.empty())
        return reject("shrink", wrong);

    const Interruption interruption;
    const auto folder = out_folder(run, replay.scenario);
    const auto asked = describe(replay.scenario, run);
    if (!run.quiet)
        fmt::print("wsrace {}: shrinking a plan of {} with {} users, seed {}\n", version,
                   replay.plan.scenario, replay.plan.users.size(), run.seed);
    PlanPlayer player{replay.scenario, asked, folder / "plays", interruption.token()};
    const auto shrunk = shrink_to_reproducer(
        {.player = player, .seed = run.seed, .budget = budget, .folder = folder, .quiet = run.quiet}, replay);
    fs::remove_all(folder / "plays");
    std::error_code ignored;
    fs::remove(folder, ignored); // if nothing is left in it
    return report(shrunk, player);
}

} // namespace wsrace::cli
