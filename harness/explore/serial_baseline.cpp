#include "explore/serial_baseline.hpp"

#include "core/random.hpp"
#include "plan/serial.hpp"

namespace wsrace {

namespace {

constexpr std::uint32_t users = 3;
constexpr std::uint64_t plays = 3;

} // namespace

SerialBaseline play_serially(PlanPlayer& player, std::uint64_t seed)
{
    auto scenario = player.scenario();
    scenario.users = std::min(scenario.users, users);
    SerialBaseline baseline;
    for (std::uint64_t number = 0; number < plays && !player.interrupted(); ++number) {
        const auto played = player.play(serial(make_plan(scenario, derive_seed(seed, "serial", number))));
        for (const auto& signature : played.signatures) baseline.failures.insert(signature.key);
        baseline.events.add(played.execution.verdict.latencies);
        const auto said_nothing = played.played == Played::voided && !played.execution.interrupted;
        baseline.problem = said_nothing ? played.execution.problem : std::string{};
        std::error_code ignored;
        std::filesystem::remove_all(played.folder, ignored);
    }
    return baseline;
}

} // namespace wsrace
