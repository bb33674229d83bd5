#include "explore/serial_baseline.hpp"

#include "core/random.hpp"
#include "plan/serial.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>

namespace wsrace {

namespace {

constexpr std::uint32_t users = 3; // once it is known how late events may be
constexpr std::uint64_t plays = 3; // that could be judged
constexpr std::uint64_t most_plays = 9;

PlayedPlan play_one(PlanPlayer& player, std::uint64_t seed, bool knows_events, const EventTimes& events)
{
    auto scenario = player.scenario();
    // What happens to the server at certain times happens to somebody: one user alone would have left before.
    const bool needs_all = knows_events || !scenario.life_cycle.empty();
    scenario.users = std::min(scenario.users, needs_all ? users : 1);
    auto plan = serial(make_plan(scenario, seed));
    if (!knows_events || needs_patience(plan)) return player.play(plan);
    const auto quick = with_quick_deadlines(player.scenario(), events);
    plan.scenario_digest = quick.digest;
    return player.play(plan, quick);
}

} // namespace

SerialBaseline play_serially(PlanPlayer& player, std::uint64_t seed, std::optional<Duration> budget)
{
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    SerialBaseline baseline;
    std::uint64_t judged = 0;
    std::uint64_t failed_starts = 0;
    const auto goes_on = [&] {
        const auto in_time = judged == 0 || !budget || Clock::now() - begin < *budget;
        return judged < plays && failed_starts < plays && in_time && !player.interrupted();
    };
    for (std::uint64_t number = 0; number < most_plays && goes_on(); ++number) {
        const auto played =
            play_one(player, derive_seed(seed, "serial", number), judged > 0, baseline.events);
        std::error_code ignored;
        std::filesystem::remove_all(played.folder, ignored);
        if (played.execution.interrupted) break;
        if (played.played == Played::voided) {
            if (played.execution.problem.empty()) continue; // the harness was late
            ++failed_starts;
            baseline.problem = played.execution.problem;
            continue;
        }
        ++judged;
        for (const auto& signature : played.signatures) baseline.failures.insert(signature.key);
        baseline.events.add(played.execution.verdict.latencies);
        baseline.run_events.add(played.execution.history);
    }
    if (judged > 0) baseline.problem.clear();
    return baseline;
}

} // namespace wsrace
