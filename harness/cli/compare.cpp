#include "cli/options.hpp"
#include "cli/stored_run.hpp"
#include "reports/trend.hpp"
#include "run_store/comparison.hpp"
#include "run_store/run_store.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <map>

namespace wsrace::cli {

namespace {

constexpr auto compare_examples = R"(Examples:
  wsrace compare out/before out/after            two runs' folders
  wsrace compare --last 20 out/after --store runs.sqlite  a run against the last 20 stored of its scenario
  wsrace compare --last 20 --scenario golden_path --store runs.sqlite     the newest stored one likewise
  wsrace compare 7hq5bnw3 1n08tz94 --store runs.sqlite    two stored runs

A latency is worse when Mann and Whitney's test and its effect (A12) say so, a failure rate when Fisher's
exact test and the odds ratio do, corrected for their number; and only beyond what executions of one build
differ by.
Exit status: 0 no regression, 1 regression, 2 usage, 3 inconclusive: too few samples or executions to tell, or
a run that proves nothing.)";

struct CompareOptions {
    std::vector<std::string> runs;
    std::filesystem::path store;
    std::size_t last = 0;
    std::string scenario;
    std::string effect = "medium";
    double alpha = 0.01;
    bool json = false;
};

// What the user has asked for is not there, or makes no sense.
class Mistake : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

bool is_folder(const std::string& name) { return std::filesystem::exists(name); }

RunStore opened(const CompareOptions& options)
{
    if (options.store.empty()) throw Mistake{"no store; give --store FILE, or set WSRACE_STORE"};
    if (!std::filesystem::exists(options.store))
        throw Mistake{fmt::format("{}: no such file; wsrace run --store makes it", options.store.string())};
    try {
        return RunStore{options.store, Database::Access::read};
    } catch (const StoreError& error) {
        throw Mistake{error.what()};
    }
}

// A folder, or the id of a stored run.
RunRecord load(const std::string& name, const CompareOptions& options)
{
    if (is_folder(name)) {
        try {
            return record_of_folder(name, {});
        } catch (const std::runtime_error& error) {
            throw Mistake{error.what()};
        }
    }
    if (options.store.empty())
        throw Mistake{
            fmt::format("{}: no such folder; of a run's id, --store FILE says where it is stored", name)};
    auto record = opened(options).find(name);
    if (!record)
        throw Mistake{fmt::format("{}: no such folder, and no such run in {}", name, options.store.string())};
    return std::move(*record);
}

std::string described(const RunRecord& record, const std::string& name)
{
    const auto label = record.label.empty() ? std::string{} : ", " + record.label;
    return fmt::format("{} (run {}, {}, {}{})", name, record.run, record.started,
                       wsrace::name(record.verdict), label);
}

// Stored samples are in buckets: the others must be, too.
void put_in_buckets(std::vector<RunRecord>& records)
{
    for (auto& record : records)
        for (auto& latency : record.latencies) latency.samples = bucketed(latency.samples);
}

ComparisonInput two_runs(const CompareOptions& options)
{
    ComparisonInput input;
    input.base = {load(options.runs.at(0), options)};
    input.fresh = {load(options.runs.at(1), options)};
    const auto& base = input.base.front();
    const auto& fresh = input.fresh.front();
    if (base.scenario != fresh.scenario)
        throw Mistake{fmt::format("{} is a run of {}, {} of {}: only runs of one scenario can be compared",
                                  options.runs[0], base.scenario, options.runs[1], fresh.scenario)};
    if (!is_folder(options.runs[0]) || !is_folder(options.runs[1])) {
        put_in_buckets(input.base);
        put_in_buckets(input.fresh);
    }
    input.base_name = described(base, options.runs[0]);
    input.fresh_name = described(fresh, options.runs[1]);
    return input;
}

ComparisonInput last_runs(const CompareOptions& options)
{
    auto store = opened(options);
    ComparisonInput input;
    if (options.runs.empty()) {
        input.fresh = store.runs({.scenario = options.scenario, .digest = {}, .other_than = {}, .last = 1});
        if (input.fresh.empty())
            throw Mistake{fmt::format("{}: no run of a scenario \"{}\" is stored", options.store.string(),
                                      options.scenario)};
    } else {
        input.fresh = {load(options.runs.front(), options)};
        put_in_buckets(input.fresh);
    }
    const auto& fresh = input.fresh.front();
    RunQuery query{.scenario = fresh.scenario,
                   .digest = fresh.scenario_digest,
                   .other_than = fresh.run,
                   .last = options.last};
    input.base = store.runs(query);
    query.digest.clear();
    const auto others = store.count(query) - std::min<std::uint64_t>(store.count(query), input.base.size());
    const auto hint =
        input.base.empty() && others > 0
            ? fmt::format(" with this content ({} with other users, journeys, target, ...)", others)
            : std::string{};
    input.base_name = fmt::format("the last {} stored runs of {}{} in {}", input.base.size(), fresh.scenario,
                                  hint, options.store.string());
    input.fresh_name = described(fresh, options.runs.empty() ? "the newest" : options.runs.front());
    return input;
}

void define(CLI::App& app, CompareOptions& options)
{
    app.add_option(
           "RUN", options.runs,
           "BASE and NEW, or with --last only NEW: folders that wsrace run has left, or ids of stored runs")
        ->expected(0, 2);
    app.add_option("--store", options.store, "the file that wsrace run --store has written")
        ->envname("WSRACE_STORE");
    auto* const last =
        app.add_option("--last", options.last,
                       "compare with the last N stored runs of the same scenario with the same content")
            ->check(CLI::Range(std::size_t{1}, std::size_t{10'000}));
    app.add_option("--scenario", options.scenario, "with --last, without RUN: whose newest stored run")
        ->needs(last);
    app.add_option("--effect", options.effect,
                   "the smallest that counts: small (A12 0.56, odds 1.68), medium (0.64, "
                   "3.47), large (0.71, 6.71)")
        ->capture_default_str()
        ->check(CLI::IsMember({"small", "medium", "large"}));
    app.add_option("--alpha", options.alpha, "probability of a regression being found where there is none")
        ->capture_default_str()
        ->check(CLI::Range(1e-6, 0.2));
    app.add_flag("--json", options.json, "for machines (reports/schema/comparison.schema.json)");
    app.footer(compare_examples);
}

ComparisonInput gathered(const CompareOptions& options)
{
    const bool against_last = options.last > 0;
    if (!against_last && options.runs.size() != 2)
        throw Mistake{
            fmt::format("{} given; expected BASE and NEW, or --last N and NEW", options.runs.size())};
    if (against_last && options.runs.size() > 1)
        throw Mistake{"--last N and two runs given; expected one: NEW"};
    if (against_last && options.runs.empty() == options.scenario.empty())
        throw Mistake{"with --last N expected either NEW, or --scenario NAME for its newest stored run"};
    return against_last ? last_runs(options) : two_runs(options);
}

} // namespace

int compare_command(const Arguments& arguments)
{
    CompareOptions options;
    CLI::App app{"Is a run worse than another one, or than the last ones that were stored? For gates.",
                 "wsrace compare"};
    define(app, options);
    if (const auto status = parse(app, arguments)) return *status;
    try {
        auto input = gathered(options);
        input.settings.alpha = options.alpha;
        if (options.effect == "small") input.settings.a12 = 0.56, input.settings.odds_ratio = 1.68;
        if (options.effect == "large") input.settings.a12 = 0.71, input.settings.odds_ratio = 6.71;
        const auto comparison = compare(input);
        fmt::print("{}", options.json ? comparison_json(comparison) : comparison_text(comparison));
        return exit_status(comparison.outcome);
    } catch (const Mistake& error) {
        fmt::print(stderr, "wsrace compare: {}\n", error.what());
        return exit_usage;
    }
}

} // namespace wsrace::cli
