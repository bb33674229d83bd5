#include "explore/serial_baseline.hpp"

#include "core/random.hpp"
#include "plan/serial.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace wsrace {

namespace {

constexpr std::uint32_t users = 3;
constexpr std::uint64_t plays = 3; // that could be judged
constexpr std::uint64_t most_plays = 9;

} // namespace

SerialBaseline play_serially(PlanPlayer& player, std::uint64_t seed)
{
    auto scenario = player.scenario();
    scenario.users = std::min(scenario.users, users);
    SerialBaseline baseline;
    std::uint64_t judged = 0;
    std::uint64_t failed_starts = 0;
    const auto goes_on = [&] { return judged < plays && failed_starts < plays && !player.interrupted(); };
    for (std::uint64_t number = 0; number < most_plays && goes_on(); ++number) {
        const auto played = player.play(serial(make_plan(scenario, derive_seed(seed, "serial", number))));
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
