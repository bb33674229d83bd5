#include "cli/options.hpp"
#include "cli/stored_run.hpp"
#include "core/problem.hpp"
#include "reports/trend.hpp"
#include "run_store/run_store.hpp"
#include "run_store/trend.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace wsrace::cli {

namespace {

constexpr auto history_examples = R"(Examples:
  wsrace run golden_path --store runs.sqlite     keeps what came of it
  wsrace history --store runs.sqlite             every scenario in it: trends, flake rate, change points
  wsrace history --scenario golden_path --last 200 --json     with WSRACE_STORE=runs.sqlite in the environment
  wsrace history --store runs.sqlite --add out/golden_path-*  runs that were not stored when they ended

Exit status: 0; 2 if there is no such file or scenario, or the file is none of ours; 3 if reading it fails.)";

struct HistoryOptions {
    std::filesystem::path store;
    std::string scenario;
    std::size_t last = 50;
    std::vector<std::filesystem::path> add;
    std::string label;
    bool json = false;
};

int mistake(const std::string& message)
{
    fmt::print(stderr, "wsrace history: {}\n", message);
    return exit_usage;
}

// Each folder by itself: one that is none does not cost the others.
int add_folders(RunStore& store, const HistoryOptions& options)
{
    std::size_t added = 0, there = 0, wrong = 0;
    for (const auto& folder : options.add) {
        try {
            const auto record = record_of_folder(folder, options.label);
            ++(store.add(record) ? added : there);
        } catch (const StoreError&) {
            throw;
        } catch (const std::runtime_error& error) {
            fmt::print(stderr, "wsrace history: not added: {}\n", error.what());
            ++wrong;
        }
    }
    fmt::print("{}: {} added, {} were there already, {} could not be read\n", options.store.string(), added,
               there, wrong);
    return wrong == 0 ? exit_pass : exit_usage;
}

int show(RunStore& store, const HistoryOptions& options)
{
    auto scenarios = store.scenarios();
    if (!options.scenario.empty()) {
        std::vector<std::string_view> names;
        for (const auto& each : scenarios) names.push_back(each.name);
        if (std::find(names.begin(), names.end(), options.scenario) == names.end()) {
            const auto guess = nearest(options.scenario, names);
            return mistake(fmt::format("{}: no run of a scenario \"{}\" is stored{}", options.store.string(),
                                       options.scenario,
                                       guess.empty() ? "" : fmt::format("; did you mean \"{}\"?", guess)));
        }
        std::erase_if(scenarios, [&](const auto& each) { return each.name != options.scenario; });
    }
    std::vector<Trend> trends;
    for (const auto& each : scenarios) {
        const auto records =
            store.runs({.scenario = each.name, .digest = {}, .other_than = {}, .last = options.last});
        if (!records.empty()) trends.push_back(trend_of(records, each.runs));
    }
    if (options.json) {
        fmt::print("{}", trends_json(trends));
        return exit_pass;
    }
    if (trends.empty()) fmt::print("{}: no run is stored yet\n", options.store.string());
    for (const auto& trend : trends) fmt::print("{}\n", trend_text(trend));
    return exit_pass;
}

} // namespace

int history_command(const Arguments& arguments)
{
    HistoryOptions options;
    CLI::App app{
        "How scenarios fared over stored runs: trends, flake rates with their intervals, when failures were "
        "first and last seen, and where a level has changed.",
        "wsrace history"};
    app.add_option("--store", options.store, "the file that wsrace run --store has written")
        ->envname("WSRACE_STORE");
    app.add_option("--scenario", options.scenario, "only this one");
    app.add_option("--last", options.last, "how many runs of each scenario, the newest ones")
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}));
    app.add_option("--add", options.add, "RUN_DIR: store these runs, judged again, instead of showing any");
    app.add_option("--label", options.label, "with --add: what was tested");
    app.add_flag("--json", options.json, "for machines (reports/schema/history.schema.json)");
    app.footer(history_examples);
    if (const auto status = parse(app, arguments)) return *status;
    if (options.store.empty()) return mistake("no store; give --store FILE, or set WSRACE_STORE");
    const bool adds = !options.add.empty();
    if (!adds && !std::filesystem::exists(options.store))
        return mistake(fmt::format("{}: no such file; wsrace run --store makes it", options.store.string()));
    std::optional<RunStore> store;
    try {
        store.emplace(options.store, adds ? Database::Access::write : Database::Access::read);
    } catch (const StoreError& error) {
        return mistake(error.what());
    }
    return adds ? add_folders(*store, options) : show(*store, options);
}

} // namespace wsrace::cli
