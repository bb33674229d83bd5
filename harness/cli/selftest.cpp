#include "cli/execution.hpp"
#include "cli/interruption.hpp"
#include "cli/options.hpp"
#include "cli/preparation.hpp"
#include "cli/selftest_sample.hpp"
#include "cli/version.hpp"
#include "reference_server/server.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <unistd.h>

#include <random>

namespace wsrace::cli {

namespace {

constexpr auto selftest_examples = R"(Examples:
  wsrace selftest                               first thing every night
  wsrace selftest --seed 7 --sample 23          all that it can draw

Bugs of the reference server are drawn and switched on; a shipped scenario has to find each, by the check
whose subject it is, and nothing on the correct server.
Exit status: 0 it still sees, 2 usage, 3 it does not: every later result is inconclusive, 130 interrupted.)";

constexpr std::string_view correct_scenario = "golden_path";

struct Options {
    std::uint64_t seed = 0;
    std::size_t sample = 12;
    std::filesystem::path out;
};

// A folder of its own that goes with it, unless it is to be kept.
class Folder {
public:
    explicit Folder(std::filesystem::path wanted) : path_{std::move(wanted)}, kept_{!path_.empty()}
    {
        if (!kept_)
            path_ = std::filesystem::temp_directory_path() / fmt::format("wsrace-selftest-{}", getpid());
    }
    ~Folder()
    {
        std::error_code ignored;
        if (!kept_) std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    void keep() { kept_ = true; }

private:
    std::filesystem::path path_;
    bool kept_;
};

// The shipped scenario, with a bug in the server that it starts. Throws std::runtime_error when it cannot be
// had.
Scenario prepare(std::string_view name, std::string_view bug)
{
    auto loaded = load_scenario(std::string{name}, {});
    if (loaded.problems.empty() && !bug.empty()) {
        auto command = loaded.scenario->target.server.value().command;
        command.emplace_back("--bug");
        command.emplace_back(bug);
        ScenarioOverrides overrides;
        overrides.set.emplace_back("target.server.command", nlohmann::json(command).dump());
        loaded = load_scenario(std::string{name}, overrides);
    }
    if (!loaded.problems.empty())
        throw std::runtime_error{fmt::format("scenario {}: {}", name, loaded.problems.front().message)};
    return std::move(*loaded.scenario);
}

std::vector<std::string> failed_checks(const RunVerdict& verdict)
{
    std::vector<std::string> failed;
    for (const auto& check : verdict.checks)
        if (check.verdict == Verdict::fail) failed.push_back(check.id);
    return failed;
}

// "isolation,five_events", of which one has to be among those that failed.
bool names_it(std::string_view wanted, const std::vector<std::string>& failed)
{
    while (!wanted.empty()) {
        const auto id = wanted.substr(0, wanted.find(','));
        if (std::find(failed.begin(), failed.end(), id) != failed.end()) return true;
        wanted.remove_prefix(std::min(wanted.size(), id.size() + 1));
    }
    return false;
}

class SelfTest {
public:
    SelfTest(const Options& options, std::filesystem::path folder, std::stop_token stop)
        : options_{options}, folder_{std::move(folder)}, stop_{std::move(stop)}
    {}

    // Nothing for an interruption, else whether it went as it must.
    std::optional<bool> correct() { return play(correct_scenario, {}, {}); }

    std::optional<bool> bug(const SelfTestCase& drawn)
    {
        const auto all = reference::bug_catalogue();
        const auto info =
            std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == drawn.bug; });
        if (info == all.end()) throw std::logic_error{fmt::format("no such bug: {}", drawn.bug)};
        return play(drawn.scenario, drawn.bug, info->check);
    }

private:
    std::optional<bool> play(std::string_view name, std::string_view bug, std::string_view wanted)
    {
        const auto begin = std::chrono::steady_clock::now();
        const auto scenario = prepare(name, bug);
        RunOptions run;
        run.silent = true;
        run.seed = options_.seed;
        run.command = "wsrace selftest";
        const auto folder = folder_ / fmt::format("{}-{}", name, bug.empty() ? "correct" : bug);
        const auto result = execute(scenario, make_plan(scenario, run.seed), run, folder, stop_);
        if (result.interrupted) return std::nullopt;
        const auto failed = failed_checks(result.verdict);
        const bool good = bug.empty() ? result.verdict.verdict == Verdict::pass : names_it(wanted, failed);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        fmt::print("  {:6} {:25} {:20} {:5.1f} s  {}\n", good ? "ok" : "WRONG", bug.empty() ? "no bug" : bug,
                   name, took.count(), outcome(result, failed));
        std::fflush(stdout);
        return good;
    }

    static std::string outcome(const ExecutionResult& result, const std::vector<std::string>& failed)
    {
        if (!failed.empty()) return fmt::format("{}", fmt::join(failed, ", "));
        return result.problem.empty() ? "nothing found" : result.problem;
    }

    const Options& options_;
    std::filesystem::path folder_;
    std::stop_token stop_;
};

int judge_all(SelfTest& test, const std::vector<SelfTestCase>& drawn, Folder& folder)
{
    const auto begin = std::chrono::steady_clock::now();
    std::vector<std::string> wrong;
    const auto clean = test.correct();
    if (!clean) return exit_interrupted;
    if (!*clean) wrong.emplace_back("the correct server was not found to be clean");
    for (const auto& each : drawn) {
        const auto found = test.bug(each);
        if (!found) return exit_interrupted;
        if (!*found) wrong.push_back(fmt::format("{} was not found by {}", each.bug, each.scenario));
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (wrong.empty()) {
        fmt::print(
            "PASS selftest  {} of {} bugs found by the right check, the correct server clean; {:.1f} s\n",
            drawn.size(), drawn.size(), took.count());
        return exit_pass;
    }
    folder.keep();
    fmt::print("FAIL selftest  {}. Until that is mended every later result on this machine is inconclusive.\n"
               "Artefacts  {}\n",
               fmt::join(wrong, "; "), folder.path().string());
    return exit_inconclusive;
}

} // namespace

int selftest_command(const Arguments& arguments)
{
    Options options;
    CLI::App app{"Proves that races are still found: a sample of the reference server's bugs, and none in it "
                 "without them.",
                 "wsrace selftest"};
    app.add_option("--seed", options.seed, "of the draw and of the plans; drawn if not given, and printed")
        ->check(is_seed);
    app.add_option("--sample", options.sample,
                   fmt::format("how many bugs, at most {}", selftest_cases().size()))
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{1}, selftest_cases().size()));
    app.add_option("--out", options.out,
                   "keep what the runs leave in this folder; default: only of a failure");
    app.footer(selftest_examples);
    if (const auto status = parse(app, arguments)) return *status;
    if (app.count("--seed") == 0) options.seed = std::random_device{}();
    if (!options.out.empty()) {
        RunOptions run;
        run.out = options.out;
        if (const auto problems = mistakes_in(run); !problems.empty()) return reject("selftest", problems);
    }

    const Interruption interruption;
    Folder folder{options.out};
    const auto drawn = draw_selftest_cases(options.seed, options.sample);
    fmt::print("wsrace {}: self-test with {} of {} seeded bugs, seed {}\n", version, drawn.size(),
               reference::bug_catalogue().size(), options.seed);
    SelfTest test{options, folder.path(), interruption.token()};
    return judge_all(test, drawn, folder);
}

} // namespace wsrace::cli
