#include "cli/options.hpp"
#include "cli/run_options.hpp"
#include "scenario/explain.hpp"
#include "scenario/scenario.hpp"

#include <fmt/format.h>

namespace wsrace::cli {

namespace {

constexpr auto check_examples = R"(Examples:
  wsrace check scenarios/golden_path.json
  wsrace check my.json --set users.count=0      shows what is wrong with that

Exit status: 0 valid, 2 not.)";

} // namespace

int check_command(const Arguments& arguments)
{
    std::string file;
    std::vector<std::string> set;
    CLI::App app{"Validates a scenario and explains it.", "wsrace check"};
    app.add_option("SCENARIO", file, "a scenario's file, or the name of a shipped one")->required();
    app.add_option("--set", set, "PATH=VALUE: change a field of the scenario");
    app.footer(check_examples);
    if (const auto status = parse(app, arguments)) return *status;

    RunOptions options;
    options.set = set;
    const auto loaded = load_scenario(file, overrides_of(options));
    for (const auto& problem : loaded.problems) fmt::print(stderr, "{}\n", to_string(problem));
    if (!loaded.scenario) return exit_usage;
    fmt::print("{}", explain(*loaded.scenario));
    return exit_pass;
}

} // namespace wsrace::cli
