#include "explore/plan_player.hpp"

#include "plan/as_planned.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <system_error>

namespace wsrace {

namespace {

Played played_as(const Execution& execution, bool failed)
{
    if (failed) return Played::failed;
    if (execution.interrupted) return Played::voided; // half an execution
    return execution.verdict.verdict == Verdict::pass ? Played::passed : Played::voided;
}

} // namespace

bool PlayedPlan::shows(std::string_view key) const
{
    return std::any_of(signatures.begin(), signatures.end(),
                       [key](const FailureSignature& signature) { return signature.key == key; });
}

PlanPlayer::PlanPlayer(const Scenario& scenario, const RunInfo& asked, std::filesystem::path folder,
                       std::stop_token stop)
    : scenario_{scenario}, asked_{asked}, folder_{std::move(folder)}, stop_{std::move(stop)}
{}

PlayedPlan PlanPlayer::play(const Plan& plan, const Scenario& played_by)
{
    const auto begin = std::chrono::steady_clock::now();
    auto scenario = as_planned(played_by, plan);
    scenario.expectations.checks["thresholds"].enabled = false;
    PlayedPlan result;
    result.folder = folder_ / fmt::format("execution-{:06}", ++plays_);
    try {
        result.execution = play_execution({.scenario = scenario,
                                           .plan = plan,
                                           .asked = asked_,
                                           .folder = result.folder,
                                           .workers = 1,
                                           .stop = stop_,
                                           .report = {}});
    } catch (...) { // whoever calls does not learn of the folder
        std::error_code ignored;
        std::filesystem::remove_all(result.folder, ignored);
        throw;
    }
    if (!result.execution.interrupted)
        result.signatures = failure_signatures(result.execution.verdict, result.execution.history);
    result.played = played_as(result.execution, !result.signatures.empty());
    result.took = std::chrono::steady_clock::now() - begin;
    return result;
}

Played PlanPlayer::ask(const Plan& plan, std::string_view key)
{
    const auto result = play(plan);
    std::error_code ignored;
    std::filesystem::remove_all(result.folder, ignored);
    if (key.empty() || result.played != Played::failed) return result.played;
    return result.shows(key) ? Played::failed : Played::passed;
}

} // namespace wsrace
