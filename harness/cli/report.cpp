#include "reports/report.hpp"
#include "checks/judge.hpp"
#include "cli/execution.hpp"
#include "cli/machine.hpp"
#include "cli/options.hpp"
#include "core/history_file.hpp"
#include "scenario/scenario.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace wsrace::cli {

namespace {

constexpr auto report_examples = R"(Examples:
  wsrace report out/RUN                     the verdict again: on the terminal, and its files in the folder
  wsrace report out/RUN --format terminal   works on what a harness left that was killed, too
  wsrace report out/RUN --format html       the page alone: report.html, again
  wsrace report out/RUN --format junit,markdown,json,sarif   these files, whatever the run left
  wsrace report out/RUN --format jsonl      every event, one JSON object a line, to history.jsonl

Exit status: that of the verdict; 2 if the folder holds no run.)";

int report_one(const std::filesystem::path& folder, const std::vector<std::string>& formats)
{
    const auto loaded = load_scenario(folder / "scenario.json");
    for (const auto& problem : loaded.problems) fmt::print(stderr, "{}\n", to_string(problem));
    if (!loaded.scenario) return exit_usage;
    const auto history = read_history(folder);
    const auto verdict = judge(loaded.scenario->expectations, history);
    const auto input = report_input(history, verdict, folder, folder);
    for (const auto& format : formats) {
        if (format == "terminal") fmt::print("{}", terminal_summary(input, terminal_screen()));
        if (format == "jsonl") export_jsonl(history, folder / "history.jsonl");
        if (format == "all") write_reports(folder, input);
        for (const auto& artefact : artefacts())
            if (artefact.format == format) write_report(folder, input, artefact);
    }
    return exit_status(verdict.verdict);
}

} // namespace

int report_command(const Arguments& arguments)
{
    std::vector<std::string> folders;
    std::vector<std::string> formats{"terminal", "all"};
    std::vector<std::string> known{"terminal", "all", "jsonl"};
    for (const auto& artefact : artefacts()) known.emplace_back(artefact.format);
    CLI::App app{"Judges and renders stored runs again.", "wsrace report"};
    app.add_option("RUN_DIR", folders, "folders that wsrace run has left")->required();
    app.add_option("--format", formats,
                   "several with commas; all: the files that a run leaves; default terminal,all")
        ->delimiter(',')
        ->check(CLI::IsMember(known));
    app.footer(report_examples);
    if (const auto status = parse(app, arguments)) return *status;
    int worst = exit_pass;
    for (const auto& folder : folders) {
        if (!std::filesystem::exists(std::filesystem::path{folder} / "scenario.json")) {
            fmt::print(stderr, "{}: not the folder of a run (no scenario.json in it)\n", folder);
            return exit_usage;
        }
        worst = std::max(worst, report_one(folder, formats));
    }
    return worst;
}

} // namespace wsrace::cli
