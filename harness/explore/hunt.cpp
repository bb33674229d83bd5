#include "explore/hunt.hpp"

#include "core/random.hpp"
#include "explore/audition.hpp"
#include "explore/found_failures.hpp"
#include "explore/hunt_scenario.hpp"
#include "explore/plan_player.hpp"
#include "explore/repeats.hpp"
#include "explore/reproducer_file.hpp"
#include "explore/serial_baseline.hpp"
#include "explore/steering.hpp"
#include "explore/symptom.hpp"
#include "plan/elements.hpp"
#include "plan/strategies/strategy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>

namespace wsrace {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// Executions in a row that could not be played at all: the target does not come up, or is gone for good.
constexpr std::uint64_t most_failed_starts = 3;        // before anything was judged
constexpr std::uint64_t most_failed_starts_later = 10; // a crash may take a moment to be over

constexpr std::uint64_t crowd_every = 12; // executions
constexpr double serial_share = 0.1;      // of the budget, for the users one at a time
constexpr double audition_share = 0.1;    // the same for choosing among the plans that failed

// What is to be played next, and by which strategy it was made.
struct Task {
    std::size_t arm = 0;
    Plan plan;
};

std::vector<const Strategy*> usable(const Scenario& scenario, const std::vector<std::string>& wanted,
                                    std::vector<StrategyShare>& shares)
{
    std::vector<const Strategy*> used;
    for (const auto& strategy : strategies()) {
        const auto is_named =
            std::find(wanted.begin(), wanted.end(), std::string{strategy.name}) != wanted.end();
        if (wanted.empty() ? strategy.for_comparison : !is_named) continue;
        auto& share = shares.emplace_back();
        share.name = strategy.name;
        share.why_not = strategy.why_not(scenario);
        if (share.why_not.empty()) used.push_back(&strategy);
    }
    // Those that are used come first, so that a strategy's number is its share's.
    std::stable_partition(shares.begin(), shares.end(),
                          [](const StrategyShare& share) { return share.why_not.empty(); });
    return used;
}

std::vector<std::string> names_of(const std::vector<const Strategy*>& strategies)
{
    std::vector<std::string> names;
    for (const auto* strategy : strategies) names.emplace_back(strategy->name);
    return names;
}

class Hunt {
public:
    Hunt(const Scenario& scenario, const RunInfo& asked, const HuntOptions& options, HuntMemory& memory)
        : scenario_{scenario}, asked_{asked}, options_{options}, memory_{memory}, player_{scenario, asked,
                                                                                          options.folder,
                                                                                          options.stop},
          strategies_{usable(scenario, options.strategies, report_.strategies)}, found_{memory.clusters,
                                                                                        asked.started}
    {
        report_.scenario = asked.scenario;
        report_.scenario_digest = asked.scenario_digest;
        report_.target = asked.target;
        report_.command = asked.command;
        report_.version = asked.version;
        report_.machine = asked.machine;
        report_.started = asked.started;
        report_.seed = options.seed;
    }

    HuntReport run() &&
    {
        if (strategies_.empty())
            report_.problem = "none of the strategies can be used with this scenario";
        else
            guarded([this] { play(); });
        report_.took = Clock::now() - begin_;
        if (!options_.until_found && report_.problem.empty()) guarded([this] { choose_plans(); });
        conclude();
        return std::move(report_);
    }

private:
    // An exception that left a thread would end the program, and with it all that was found. The other jobs
    // see the problem, and begin nothing more.
    template <typename Work>
    void guarded(Work work)
    {
        try {
            work();
        } catch (const std::exception& error) {
            const std::lock_guard lock{mutex_};
            if (report_.problem.empty()) report_.problem = error.what();
        }
    }

    void play()
    {
        std::optional<Duration> most;
        if (options_.budget) most = std::chrono::duration_cast<Duration>(*options_.budget * serial_share);
        const auto baseline = play_serially(player_, options_.seed, most);
        report_.baseline = Clock::now() - begin_;
        seen_serially_.insert(baseline.failures.begin(), baseline.failures.end());
        if (!baseline.problem.empty()) {
            report_.problem = baseline.problem;
            return;
        }
        if (scenario_.expectations.run_events.to_be_learned) {
            report_.run_events = baseline.run_events.result();
            patient_ = with_run_events(scenario_, *report_.run_events);
        }
        quick_ = with_quick_deadlines(patient_, baseline.events);
        play_remembered();
        bandit_.emplace(options_.seed, names_of(strategies_), memory_.bandit);
        std::vector<std::jthread> others;
        for (unsigned job = 1; job < options_.jobs; ++job)
            others.emplace_back([this] { guarded([this] { work(); }); });
        guarded([this] { work(); });
    }

    // What earlier nights found comes first, so that no night misses it by chance.
    void play_remembered()
    {
        for (const auto& run : found_.remembered_runs(most_shrunk)) {
            if (!goes_on()) return;
            auto known = load_replay(run, {});
            if (!known.replay) continue;
            const auto& plan = known.replay->plan;
            const auto played = player_.play(plan, known.replay->scenario);
            if (played.execution.interrupted) return discard(played.folder);
            ++report_.executions;
            if (played.played == Played::voided)
                take_void(played);
            else
                take(plan, played, interleavings_of(plan, played));
            told();
        }
    }

    // What an execution showed that could be judged, whoever made its plan.
    Discoveries take(const Plan& plan, const PlayedPlan& played, const Interleavings& interleavings)
    {
        Discoveries found;
        found.new_cells = memory_.coverage.add(interleavings);
        const auto failed = played.played == Played::failed;
        found.near_misses = memory_.near_misses.learn(played.execution.history, !failed).size();
        if (failed) {
            ++report_.failed;
            for (const auto& signature : played.signatures) note_failure(signature.key);
            found.new_signatures = found_.take(plan, played);
        } else {
            discard(played.folder);
            found_.take_none();
        }
        return found;
    }

    // In a crowd some two are always so near: that tells nothing of what is still to be tried.
    static Interleavings interleavings_of(const Plan& plan, const PlayedPlan& played)
    {
        const bool is_crowd = plan.users.size() > most_users_of_a_plan;
        return is_crowd ? Interleavings{} : cells_of(played.execution.history);
    }

    void take_void(const PlayedPlan& played)
    {
        ++report_.voided;
        discard(played.folder);
        found_.take_none();
    }

    void work()
    {
        while (auto task = next()) {
            const auto& scenario = needs_patience(task->plan) ? patient_ : quick_;
            task->plan.scenario_digest = scenario.digest;
            auto played = player_.play(task->plan, scenario);
            if (played.execution.interrupted) {
                discard(played.folder);
                return;
            }
            const auto interleavings = interleavings_of(task->plan, played);
            const std::lock_guard lock{mutex_};
            learn(*task, played, interleavings);
        }
    }

    bool goes_on() const
    {
        if (options_.stop.stop_requested() || !report_.problem.empty()) return false;
        if (options_.until_found && found_race_) return false;
        if (options_.executions > 0 && begun_ >= options_.executions) return false;
        const bool found_any = report_.failed > 0;
        const auto limit =
            found_any && options_.budget_once_found ? options_.budget_once_found : options_.budget;
        return !limit || Clock::now() - begin_ < *limit;
    }

    std::optional<Task> next()
    {
        const std::lock_guard lock{mutex_};
        if (!goes_on()) return std::nullopt;
        StrategyInput input;
        input.seed = derive_seed(options_.seed, "hunt", ++begun_);
        const auto burst = crowd_is_due();
        if (burst) input.users = draw_crowd(scenario_, input.seed, 1.0);
        Task task{.arm = burst ? *burst : bandit_->pick(), .plan = {}};
        input.weights = steering(memory_.coverage);
        task.plan = strategies_[task.arm]->make(patient_, input);
        return task;
    }

    // Limits and pools are met by numbers alone. As long as small plans show no race, which would be easier
    // to shrink, a crowd comes now and then, whatever the bandit thinks of bursts.
    std::optional<std::size_t> crowd_is_due() const
    {
        if (needed_the_search_ || begun_ % crowd_every != crowd_every / 2) return std::nullopt;
        const auto burst = std::find_if(strategies_.begin(), strategies_.end(),
                                        [](const Strategy* strategy) { return strategy->name == "burst"; });
        if (burst == strategies_.end()) return std::nullopt;
        return static_cast<std::size_t>(burst - strategies_.begin());
    }

    void learn(const Task& task, const PlayedPlan& played, const Interleavings& interleavings)
    {
        auto& share = report_.strategies[task.arm];
        ++report_.executions;
        ++share.executions;
        if (played.played == Played::voided) return learn_nothing(task, played);
        failed_starts_ = 0;
        share.failed += played.played == Played::failed ? 1 : 0;
        const auto reward = reward_of(take(task.plan, played, interleavings));
        if (reward > 0) ++share.discoveries;
        bandit_->reward(task.arm, reward, played.took);
        memory_.bandit = bandit_->state();
        told();
    }

    void learn_nothing(const Task& task, const PlayedPlan& played)
    {
        take_void(played);
        ++report_.strategies[task.arm].voided;
        bandit_->reward(task.arm, 0, played.took);
        memory_.bandit = bandit_->state();
        failed_starts_ = played.execution.problem.empty() ? 0 : failed_starts_ + 1;
        const auto judged = report_.executions - report_.voided;
        if (failed_starts_ >= (judged > 0 ? most_failed_starts_later : most_failed_starts))
            report_.problem = played.execution.problem;
        told();
    }

    void note_failure(const std::string& key)
    {
        found_race_ = found_race_ || is_race(key);
        needed_the_search_ = needed_the_search_ || !seen_serially_.contains(key);
    }

    bool is_race(const std::string& key) const { return !seen_serially_.contains(key) || names_a_race(key); }

    // Each has an equal share of the time that is left.
    void choose_plans()
    {
        FolderPlayer player{asked_, options_.folder / "plays", options_.stop};
        auto end = Clock::time_point::max();
        if (options_.budget)
            end = std::min(begin_ + *options_.budget, Clock::now() + std::chrono::duration_cast<Duration>(
                                                                         *options_.budget * audition_share));
        const auto keys =
            found_.in_order([this](const std::string& key) { return is_race(key); }, most_shrunk);
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const auto now = Clock::now();
            const auto limit = now + equal_share(end - now, keys.size() - i);
            const auto play_again = [&](const FailingPlan& plan) {
                told(keys[i]);
                return player.ask(plan.plan, keys[i]);
            };
            found_.choose(keys[i], play_again,
                          [&] { return Clock::now() >= limit || options_.stop.stop_requested(); });
        }
    }

    static void discard(const fs::path& folder)
    {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    }

    void told(const std::string& choosing = {})
    {
        if (!options_.report) return;
        const auto table = memory_.coverage.table();
        HuntProgress progress{.executions = report_.executions,
                              .voided = report_.voided,
                              .cells_hit = table.hit(),
                              .cells_feasible = table.feasible(),
                              .since_new = memory_.coverage.since_new(),
                              .most_seen = {},
                              .choosing = choosing};
        for (const auto& cluster : found_.clusters().list()) {
            if (!is_race(cluster.key)) continue;
            ++progress.races;
            if (cluster.count <= progress.most_seen_count) continue;
            progress.most_seen = cluster.key;
            progress.most_seen_count = cluster.count;
        }
        options_.report(progress);
    }

    void conclude()
    {
        report_.interrupted = options_.stop.stop_requested();
        found_.keep_only_the_best();
        report_.coverage = memory_.coverage.table();
        for (const auto& cluster : found_.clusters().list()) {
            FoundFailure failure{.signature = cluster.key,
                                 .details = {cluster.details.begin(), cluster.details.end()},
                                 .also_seen = {cluster.also_seen.begin(), cluster.also_seen.end()},
                                 .count = cluster.count,
                                 .first_execution = cluster.first_execution,
                                 .folder = cluster.best ? cluster.best->plan : std::string{},
                                 .is_race = is_race(cluster.key),
                                 .reproducer = std::nullopt};
            report_.failures.push_back(std::move(failure));
        }
        for (const auto& key : seen_serially_)
            if (found_.clusters().find(key) == nullptr) report_.failures.push_back(seen_serially_only(key));
        std::stable_sort(report_.failures.begin(), report_.failures.end(),
                         [](const FoundFailure& a, const FoundFailure& b) { return a.count > b.count; });
        const auto judged = report_.executions - report_.voided;
        const bool says_nothing = judged == 0 && report_.problem.empty() && !report_.interrupted;
        if (says_nothing && report_.executions == 0)
            report_.problem = "the budget was used up by the users one at a time, who come first; give more";
        else if (says_nothing)
            report_.problem = "not one execution could be judged: the harness was never on time; play fewer "
                              "side by side (--jobs), or on a machine with less to do";
        if (report_.failures.empty() && judged > 0)
            report_.statement =
                passing_statement(judged, fmt::format("{}", fmt::join(names_of(strategies_), ", ")));
    }

    static FoundFailure seen_serially_only(const std::string& key)
    {
        return {.signature = key,
                .details = {},
                .also_seen = {},
                .folder = {},
                .is_race = names_a_race(key),
                .reproducer = std::nullopt};
    }

    const Scenario& scenario_;
    const RunInfo& asked_;
    const HuntOptions& options_;
    HuntMemory& memory_;
    PlanPlayer player_;
    HuntReport report_;
    std::vector<const Strategy*> strategies_;
    Scenario patient_ = scenario_; // with what was learned of the target's runs
    Scenario quick_;               // the same with shorter deadlines
    Clock::time_point begin_ = Clock::now();
    std::set<std::string> seen_serially_; // signatures

    std::mutex mutex_; // for all that follows, the report, and the memory
    std::optional<Bandit> bandit_;
    FoundFailures found_;
    std::uint64_t begun_ = 0;
    std::uint64_t failed_starts_ = 0; // in a row
    bool found_race_ = false;
    bool needed_the_search_ = false; // something that one user at a time did not show
};

} // namespace

HuntReport hunt(const Scenario& scenario, const RunInfo& asked, const HuntOptions& options,
                HuntMemory& memory)
{
    return Hunt{scenario, asked, options, memory}.run();
}

} // namespace wsrace
