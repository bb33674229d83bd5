#include "cli/stored_run.hpp"

#include "checks/judge.hpp"
#include "checks/latencies.hpp"
#include "cli/run_options.hpp"
#include "core/history_file.hpp"
#include "explore/signature.hpp"
#include "reports/clean_text.hpp"
#include "run_store/run_store.hpp"
#include "scenario/scenario.hpp"

#include <fmt/format.h>

namespace wsrace::cli {

namespace {

constexpr std::size_t longest_command = 20'000;
constexpr std::size_t longest_signature = 500;

} // namespace

RunRecord record_of(const Expectations& expectations, const History& history, const RunVerdict& verdict,
                    bool interrupted, const std::string& label)
{
    const auto& info = history.info;
    RunRecord record{.run = clean_text(to_string(info.run)),
                     .started = clean_text(info.started),
                     .scenario = clean_text(info.scenario),
                     .scenario_digest = clean_text(info.scenario_digest),
                     .plan_digest = clean_text(info.plan_digest),
                     .version = clean_text(info.version),
                     .label = clean_text(label),
                     .seed = std::to_string(info.seed),
                     .target = clean_text(info.target),
                     .machine = clean_text(info.machine),
                     .command = clean_text(info.command, longest_command),
                     .verdict = verdict.verdict,
                     .is_void = verdict.is_void,
                     .interrupted = interrupted || info.interrupted,
                     .duration = history.duration(),
                     .counts = verdict.counts,
                     .metrics = verdict.metrics,
                     .latencies = {},
                     .signatures = {}};
    for (auto& [id, samples] : latency_samples(expectations, history))
        record.latencies.push_back({.id = std::string{id}, .samples = counted(std::move(samples))});
    for (const auto& each : failure_signatures(verdict, history))
        record.signatures.push_back({.key = clean_text(each.key, longest_signature),
                                     .detail = each.details.empty()
                                                   ? std::string{}
                                                   : clean_text(each.details.front(), longest_signature)});
    return record;
}

RunRecord record_of_folder(const std::filesystem::path& folder, const std::string& label)
{
    if (!std::filesystem::exists(folder / "scenario.json"))
        throw std::runtime_error{
            fmt::format("{}: not the folder of a run (no scenario.json in it)", folder.string())};
    const auto loaded = load_scenario(folder / "scenario.json");
    if (!loaded.scenario)
        throw std::runtime_error{fmt::format("{}: {}", folder.string(), to_string(loaded.problems.front()))};
    const auto& expectations = loaded.scenario->expectations;
    const auto history = read_history(folder);
    return record_of(expectations, history, judge(expectations, history), history.info.interrupted, label);
}

std::string unusable_store(const std::filesystem::path& file)
{
    if (file.empty()) return {};
    try {
        const RunStore store{file, Database::Access::write};
    } catch (const StoreError& error) {
        // What may have passed by then is no reason not to play; if it has not, the run says so at its end.
        return error.may_pass() ? std::string{} : error.what();
    }
    return {};
}

bool store_run(const RunRecord& record, const std::filesystem::path& file,
               const std::filesystem::path& folder, bool quiet)
{
    try {
        RunStore store{file, Database::Access::write};
        store.add(record);
        if (!quiet)
            fmt::print("Stored     {}: {} runs of {}\n", file.string(),
                       store.count({.scenario = record.scenario, .digest = {}, .other_than = {}, .last = 0}),
                       record.scenario);
        return true;
    } catch (const StoreError& error) {
        fmt::print(stderr,
                   "wsrace run: NOT STORED: {}\n  The verdict stands. Store it later: wsrace history --store "
                   "{} --add "
                   "{}\n",
                   error.what(), quote(file.string()), quote(folder.string()));
        return false;
    }
}

} // namespace wsrace::cli
