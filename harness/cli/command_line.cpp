#include "cli/commands.hpp"

#include "cli/version.hpp"
#include "core/problem.hpp"
#include "reference_server/server.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <exception>
#include <string_view>

namespace wsrace::cli {

namespace {

struct Command {
    std::string_view name;
    std::string_view purpose;
    int (*start)(const Arguments&);
};

constexpr std::array commands{
    Command{"run", "play a scenario against a target and judge what came back", run_command},
    Command{"coldstart", "find the stretch after its start in which a server fails its users",
            coldstart_command},
    Command{"hunt", "search for timings that make a target fail, then shrink what fails", hunt_command},
    Command{"shrink", "make a failing plan as small as it can be", shrink_command},
    Command{"repro", "play a plan again: how often does it fail, is it fixed?", repro_command},
    Command{"proxy", "a fault proxy in front of a WebSocket server, on its own", proxy_command},
    Command{"check", "validate a scenario and explain it", check_command},
    Command{"report", "judge and render a stored run again, or export its history", report_command},
    Command{"history", "how scenarios fared over stored runs: trends, flake rates, change points",
            history_command},
    Command{"compare", "is a run worse than another, or than the last ones that were stored?",
            compare_command},
    Command{"selftest", "prove, in some twenty seconds, that races are still found", selftest_command},
    Command{"serve", "the reference server, correct or with a bug of the catalogue", nullptr},
};

void print_help(std::FILE* to)
{
    fmt::print(to,
               "wsrace {}: finds race conditions in WebSocket servers that stream agent events\n\n"
               "Usage: wsrace COMMAND [OPTIONS]\n\n",
               version);
    for (const auto& command : commands) fmt::print(to, "  {:9} {}\n", command.name, command.purpose);
    fmt::print(
        to,
        "\nwsrace COMMAND --help explains each, with examples.\n\n"
        "Exit status: 0 pass, 1 violations found, 2 usage or invalid input, 3 inconclusive or target not\n"
        "reachable, 130 interrupted.\n\n"
        "Try:  wsrace run scenarios/golden_path.json\n");
}

int unknown_command(std::string_view word)
{
    std::vector<std::string_view> names;
    for (const auto& command : commands) names.push_back(command.name);
    const auto guess = nearest(word, names);
    fmt::print(stderr, "wsrace: unknown command \"{}\"{}; wsrace --help lists them\n", word,
               guess.empty() ? "" : fmt::format("; did you mean \"{}\"?", guess));
    return exit_usage;
}

} // namespace

int run_command_line(int argc, char** argv)
{
    const std::string_view word = argc > 1 ? argv[1] : "";
    if (word.empty() || word == "--help" || word == "-h" || word == "help") {
        print_help(word.empty() ? stderr : stdout);
        return word.empty() ? exit_usage : exit_pass;
    }
    if (word == "--version") {
        fmt::print("wsrace {}\n", version);
        return exit_pass;
    }
    for (const auto& command : commands) {
        if (command.name != word) continue;
        try {
            if (command.start == nullptr) return reference::serve_main(argc - 1, argv + 1);
            return command.start(Arguments(argv + 2, argv + argc));
        } catch (const std::exception& failure) {
            fmt::print(stderr, "wsrace {}: {}\n", word, failure.what());
            return exit_inconclusive;
        }
    }
    return unknown_command(word);
}

} // namespace wsrace::cli
