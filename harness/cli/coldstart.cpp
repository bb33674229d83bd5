#include "cli/interruption.hpp"
#include "cli/machine.hpp"
#include "cli/options.hpp"
#include "cli/preparation.hpp"
#include "cli/version.hpp"
#include "explore/cold_start_search.hpp"
#include "reports/cold_start.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <random>

namespace wsrace::cli {

namespace {

constexpr auto coldstart_examples = R"(Examples:
  wsrace coldstart cold_start                   a shipped scenario, against the server that it starts
  wsrace coldstart cold_start --server './my-server --port {port}' --offsets 0..10s
  wsrace coldstart my_scenario.json --after spawn --boots 20 --budget 5m
  wsrace coldstart cold_start --rate 200        how many are hit when 200 users a second arrive
  wsrace coldstart cold_start --set deadlines.run=2s      know sooner that a user waits in vain

Each boot starts the scenario's server and lets users walk its journey, one each, alone, at offsets all over
the range, without trying again; later boots look closest where one outcome turns into another. Delays and
life-cycle faults of the scenario are left out.

Left in the folder: coldstart.json, coldstart.md, the run folder of the first boot with each bad outcome.
Exit status: 0 no window, 1 a window or a readiness lie, 2 usage or invalid input, 3 inconclusive or the
server could not be started, 130 interrupted.)";

struct ColdStartCommand {
    RunOptions run; // what it shares with `wsrace run`
    std::string after = "port_open";
    std::string offsets = "0..5s";
    std::string budget;
    std::uint32_t boots = 40;
    std::uint32_t probes = 0;
    double rate = 1;
};

void define(CLI::App& app, ColdStartCommand& command)
{
    auto& run = command.run;
    app.add_option("SCENARIO", run.scenario, "a scenario's file, or the name of a shipped one")->required();
    app.add_option("--server", run.server, "command that starts the server; {port} becomes a free port");
    app.add_option("--after", command.after, "what offsets count from: port_open (default) or spawn")
        ->check(CLI::IsMember({"port_open", "spawn"}));
    app.add_option("--offsets", command.offsets, "FROM..UNTIL: the range that is searched; default 0..5s");
    app.add_option("--boots", command.boots, "at most so many boots; default 40")
        ->check(CLI::Range(std::uint32_t{3}, std::uint32_t{10'000}));
    app.add_option("--budget", command.budget, "at most so long, as 5m");
    app.add_option("--probes", command.probes, "users per boot that fill the range; default: as it needs")
        ->check(CLI::Range(std::uint32_t{10}, std::uint32_t{2'000}));
    app.add_option("--rate", command.rate, "users per second, for the number of users hit; default 1")
        ->check(CLI::PositiveNumber);
    app.add_option("--seed", run.seed, "of places and plans, below 2^64; drawn if not given, and printed")
        ->check(is_seed);
    app.add_option("--set", run.set, "PATH=VALUE: change a field of the scenario, as deadlines.run=2s");
    app.add_option("--out", run.out, "the folder of the results; default: out/SCENARIO-RUN");
    app.add_flag("-q,--quiet", run.quiet, "print only what was found");
    app.footer(coldstart_examples);
}

// "0..5s": a bare 0 needs no unit.
std::optional<std::pair<Duration, Duration>> parse_range(const std::string& text)
{
    const auto dots = text.find("..");
    if (dots == std::string::npos) return std::nullopt;
    const auto parse_one = [](const std::string& part) {
        return part == "0" ? std::optional{Duration{}} : parse_duration(part);
    };
    const auto from = parse_one(text.substr(0, dots));
    const auto until = parse_one(text.substr(dots + 2));
    if (!from || !until) return std::nullopt;
    return std::pair{*from, *until};
}

std::vector<Problem> read_times(const ColdStartCommand& command, ColdStartOptions& options)
{
    constexpr Duration shortest = std::chrono::milliseconds{10};
    constexpr Duration longest = std::chrono::minutes{10};
    std::vector<Problem> problems;
    const auto add = [&](const char* option, std::string message) {
        problems.push_back({.file = option, .path = {}, .message = std::move(message)});
    };
    if (const auto range = parse_range(command.offsets)) {
        std::tie(options.search.from, options.search.until) = *range;
        const auto span = range->second - range->first;
        if (span < shortest || range->second > longest)
            add("--offsets",
                fmt::format("\"{}\" is no range to search; expected FROM..UNTIL with 10ms at least "
                            "between them and UNTIL at most 10m",
                            command.offsets));
    } else {
        add("--offsets", fmt::format("\"{}\" is not a range; expected FROM..UNTIL, as 0..5s or 100ms..2s",
                                     command.offsets));
    }
    if (command.budget.empty()) return problems;
    options.budget = parse_duration(command.budget);
    if (!options.budget) problems.push_back(not_a_duration("--budget", command.budget));
    return problems;
}

std::vector<Problem> needs_a_server(const Scenario& scenario)
{
    if (scenario.target.server) return {};
    return {{.file = scenario.file,
             .path = "$.target",
             .message = "a cold start needs a server that wsrace starts itself; give target.server, or "
                        "--server 'COMMAND {port}'"}};
}

// The most users that one boot may need: those that fill the range, and as many around edges and suspects.
Scenario with_users(Scenario scenario, const ColdStartCommand& command)
{
    scenario.users = 2 * std::max(command.probes, std::uint32_t{400});
    scenario.connections = 1;
    scenario.behaviours.clear();
    return scenario;
}

// One line that changes on a terminal; elsewhere a plain line for every boot.
void show(const ColdStartProgress& progress)
{
    const auto terminal = ::isatty(STDERR_FILENO) == 1;
    std::string found;
    for (const auto& window : progress.windows)
        found += fmt::format("  {} {}..{}", phrase(window.outcome), offset_text(window.from.at),
                             offset_text(window.until.at));
    fmt::print(stderr, "{}boot {} of at most {}  users {}{}{}", terminal ? "\r\033[K" : "", progress.boot,
               progress.boots, progress.users, found.empty() ? "  no window yet" : found,
               terminal ? "" : "\n");
    std::fflush(stderr);
}

} // namespace

int coldstart_command(const Arguments& arguments)
{
    ColdStartCommand command;
    ColdStartOptions options;
    CLI::App app{
        "Finds the cold-start window: what happens to a user who arrives t after the server's start.",
        "wsrace coldstart"};
    define(app, command);
    if (const auto status = parse(app, arguments)) return *status;
    auto& run = command.run;
    const auto has_seed = app.count("--seed") > 0;
    if (!has_seed) run.seed = std::random_device{}();
    run.command = repeat_command("coldstart", arguments, run, has_seed);

    auto problems = mistakes_in(run);
    for (auto& problem : read_times(command, options)) problems.push_back(std::move(problem));
    if (!problems.empty()) return reject("coldstart", problems);
    const auto loaded = load_scenario(run.scenario, overrides_of(run));
    if (!loaded.problems.empty()) return reject("coldstart", loaded.problems);
    const auto& scenario = *loaded.scenario;
    if (const auto wrong = needs_a_server(scenario); !wrong.empty()) return reject("coldstart", wrong);
    if (const auto wrong = obstacles(with_users(scenario, command)); !wrong.empty())
        return reject("coldstart", wrong);

    const Interruption interruption;
    options.search.boots = command.boots;
    options.search.probes = command.probes;
    options.search.seed = run.seed;
    options.anchor = command.after == "spawn" ? Arrival::Anchor::spawn : Arrival::Anchor::port_open;
    options.rate = command.rate;
    options.folder = out_folder(run, scenario);
    options.stop = interruption.token();
    if (!run.quiet) {
        fmt::print("wsrace {}: cold start of {}, seed {}\nrepeat: {}\n", version, scenario.name, run.seed,
                   run.command);
        std::fflush(stdout);
        options.report = show;
    }
    const auto report = search_cold_start(scenario, describe(scenario, run), options);
    if (!run.quiet && ::isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\r\033[K");
    write_cold_start(options.folder, report);
    const auto status = exit_status(report);
    if (!run.quiet || status != exit_pass) {
        fmt::print("{}", cold_start_terminal(report, wants_colours()));
        fmt::print("Artefacts  {}: report.html, coldstart.json, coldstart.md\n", options.folder.string());
    }
    if (!report.problem.empty()) fmt::print(stderr, "wsrace coldstart: {}\n", report.problem);
    return status;
}

} // namespace wsrace::cli
