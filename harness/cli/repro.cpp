#include "cli/hunting.hpp"
#include "cli/interruption.hpp"
#include "cli/machine.hpp"
#include "cli/options.hpp"
#include "cli/preparation.hpp"
#include "cli/version.hpp"
#include "explore/fixed_test.hpp"
#include "explore/play_budget.hpp"
#include "explore/repeats.hpp"
#include "plan/gap_variation.hpp"
#include "reports/clean_text.hpp"
#include "reports/hunt.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <map>

namespace wsrace::cli {

namespace {

namespace fs = std::filesystem;

constexpr auto repro_examples = R"(Examples:
  wsrace repro out/hunt/race-1                  how often does it fail, with its interval
  wsrace repro out/golden_path-7hq5bnw3 --times 50
  wsrace repro out/hunt/race-1 --fixed --server './my-server --port {port}'
  git bisect run wsrace repro race-1/reproducer.json --fixed --server './build-and-start {port}'

PLAN is a reproducer.json, a run's plan.json, the folder of one of them, or - for standard input.
--fixed plays until it can say, with 95 % confidence, whether the failure has gone, and with other gaps
nearby, so that a window which is only narrower is met; it needs to know how often
it failed before: a reproducer.json says so, a run's plan.json does not (wsrace shrink makes the former).
Exit status: 0 it did not fail (with --fixed: fixed), 1 it failed (still there), 2 usage or invalid input,
3 nothing can be said: the target could not be played against, or not on time, 130 interrupted.)";

struct ReproCommand {
    RunOptions run; // target, server, changes, folder
    std::string plan;
    std::uint64_t times = 20;
    bool fixed = false;
    bool until_fail = false;
};

void define(CLI::App& app, ReproCommand& command)
{
    auto& run = command.run;
    app.add_option("PLAN", command.plan, "what is played")->required();
    app.add_option("--times", command.times, "how often; default 20")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}));
    app.add_flag("--fixed", command.fixed, "is it fixed? plays until that can be said");
    app.add_flag("--until-fail", command.until_fail, "stop at the first failure, and keep its run");
    auto* const target = app.add_option("--target", run.target, "URL of a running server (ws:// or wss://)");
    app.add_option("--server", run.server, "command that starts the server; {port} becomes a free port")
        ->excludes(target);
    define_remote_limits(app, run);
    app.add_option("--set", run.set, "PATH=VALUE: change a field of the scenario, as deadlines.run=2s");
    app.add_option("--out", run.out, "the folder of failing runs; default: out/repro-PROCESS");
    app.add_flag("-q,--quiet", run.quiet, "print only the result");
    app.footer(repro_examples);
}

int interrupted_or(PlanPlayer& player, int status)
{
    return player.interrupted() ? exit_interrupted : status;
}

std::string rate_line(const Trials& trials, std::uint64_t voided)
{
    auto text = fmt::format("fails in {} on this machine", rate_text(trials.failed, trials.played));
    if (trials.failed > 0) text += fmt::format("; {}", repeats_statement(trials.interval()));
    if (voided > 0) text += fmt::format("; {} more were void and prove nothing", voided);
    return text;
}

struct Series {
    Trials trials;
    std::uint64_t voided = 0;
    std::string kept;                               // the folder of a failing run
    std::string why_void;                           // of the last one
    std::map<std::string, std::uint64_t> otherwise; // what failed in plays that did not show the failure

    void note_void(const Execution& execution)
    {
        ++voided;
        why_void = execution.problem.empty() ? execution.verdict.summary : execution.problem;
    }
};

Series play_series(PlanPlayer& player, const Replay& replay, const ReproCommand& command)
{
    StatusLine line{command.run.quiet};
    Series series;
    while (series.trials.played + series.voided < command.times && !player.interrupted()) {
        auto played = player.play(replay.plan);
        const auto says = played.says_of(replay.signature, true);
        const auto failed = says == Played::failed;
        if (!played.execution.interrupted) {
            if (says == Played::voided)
                series.note_void(played.execution);
            else
                series.trials.add(failed);
        }
        if (!failed)
            for (const auto& other : played.signatures) ++series.otherwise[other.key];
        if (failed && series.kept.empty())
            series.kept = played.folder.string();
        else
            fs::remove_all(played.folder);
        line.show(rate_line(series.trials, series.voided));
        if (failed && command.until_fail) break;
    }
    line.finish();
    return series;
}

int count_failures(PlanPlayer& player, const Replay& replay, const ReproCommand& command)
{
    const auto series = play_series(player, replay, command);
    if (series.trials.played == 0 && !player.interrupted()) {
        fmt::print("INCONCLUSIVE  none of {} executions could be judged: {}\n{}", series.voided,
                   clean_text(series.why_void), others_text(series.otherwise));
        return exit_inconclusive;
    }
    const auto failed = series.trials.failed > 0;
    fmt::print("{}  {}\n", failed ? "FAIL" : "PASS", rate_line(series.trials, series.voided));
    fmt::print("{}", others_text(series.otherwise));
    if (!series.kept.empty()) fmt::print("A failing run  {}\n", series.kept);
    return interrupted_or(player, failed ? 1 : exit_pass);
}

Problem rate_is_unknown(const std::string& plan)
{
    return {.file = "--fixed",
            .path = {},
            .message =
                fmt::format("how often {} failed before is not known, so no number of clean runs would "
                            "prove anything; give a reproducer.json (wsrace shrink makes one), not a "
                            "run's plan",
                            plan)};
}

// A window that was only made narrower may not be where the plan meets the server any more. So others near it
// are played, too; without a failure they say nothing, since nobody knows how often they failed before.
bool fails_nearby(PlanPlayer& player, const Replay& replay, std::uint64_t number)
{
    const auto plan = with_other_gaps(replay.plan, replay.plan.seed, number);
    return player.ask(plan, replay.signature, true) == Played::failed;
}

int is_it_fixed(PlanPlayer& player, const Replay& replay, const ReproCommand& command)
{
    const bool has_neighbours = can_vary_gaps(replay.plan);
    FixedTest test{replay.before};
    StatusLine line{command.run.quiet};
    std::uint64_t voids_in_a_row = 0;
    while (test.answer() == FixedAnswer::undecided && !player.interrupted()) {
        const auto played = player.ask(replay.plan, replay.signature, true);
        voids_in_a_row = played == Played::voided ? voids_in_a_row + 1 : 0;
        if (voids_in_a_row > PlayLimits{}.voids_in_a_row) break;
        test.add(played);
        if (has_neighbours && test.answer() == FixedAnswer::undecided &&
            fails_nearby(player, replay, test.now().played))
            test.add(Played::failed);
        line.show(test.statement());
    }
    line.finish();
    fmt::print("{}\n{}", test.statement(), others_text(player.otherwise()));
    switch (test.answer()) {
    case FixedAnswer::fixed: return exit_pass;
    case FixedAnswer::still_there: return 1;
    case FixedAnswer::undecided: break;
    }
    return interrupted_or(player, exit_inconclusive);
}

} // namespace

int repro_command(const Arguments& arguments)
{
    ReproCommand command;
    auto& run = command.run;
    CLI::App app{"Plays a plan again and says how often it fails, or whether it is fixed.", "wsrace repro"};
    define(app, command);
    if (const auto status = parse(app, arguments)) return *status;
    if (run.out.empty()) run.out = fmt::format("out/repro-{}", ::getpid());
    run.command = repeat_command("repro", arguments, run, true);

    if (const auto problems = mistakes_in(run); !problems.empty()) return reject("repro", problems);
    const auto loaded = load_replay(command.plan, overrides_of(run));
    if (!loaded.problems.empty()) return reject("repro", loaded.problems);
    const auto& replay = *loaded.replay;
    if (const auto problems = obstacles(replay.scenario); !problems.empty()) return reject("repro", problems);
    if (const auto problems = unsafe(replay.scenario, replay.plan, run); !problems.empty())
        return reject("repro", problems);

    if (command.fixed && replay.before.failed == 0) return reject("repro", {rate_is_unknown(command.plan)});

    const Interruption interruption;
    auto asked = describe(replay.scenario, run);
    if (!run.quiet)
        fmt::print("wsrace {}: {} user{} of {}, seed {}{}\n", version, replay.plan.users.size(),
                   replay.plan.users.size() == 1 ? "" : "s", replay.plan.scenario, replay.plan.seed,
                   replay.signature.empty() ? "" : fmt::format("; looks for {}", replay.signature));
    PlanPlayer player{replay.scenario, asked, run.out, interruption.token()};
    const auto status =
        command.fixed ? is_it_fixed(player, replay, command) : count_failures(player, replay, command);
    std::error_code ignored;
    fs::remove(run.out, ignored); // if nothing is left in it
    return status;
}

} // namespace wsrace::cli
