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

void discard(const std::filesystem::path& folder)
{
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
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
    return play(plan, played_by, Until::its_end);
}

PlayedPlan PlanPlayer::play(const Plan& plan, const Scenario& played_by, Until until)
{
    const auto begin = std::chrono::steady_clock::now();
    auto scenario = as_planned(played_by, plan);
    scenario.expectations.checks["thresholds"].enabled = false;
    std::stop_source end;
    const std::stop_callback interruption{stop_, [&end] { end.request_stop(); }};
    const auto look = [&](const Progress& now) {
        if (until == Until::first_silence && now.awaited_in_vain > 0) end.request_stop();
    };
    PlayedPlan result;
    result.folder = folder_ / fmt::format("execution-{:06}", ++plays_);
    try {
        result.execution = play_execution({.scenario = scenario,
                                           .plan = plan,
                                           .asked = asked_,
                                           .folder = result.folder,
                                           .workers = 1,
                                           .stop = end.get_token(),
                                           .report = look});
    } catch (...) { // whoever calls does not learn of the folder
        discard(result.folder);
        throw;
    }
    if (!stop_.stop_requested())
        result.signatures = failure_signatures(result.execution.verdict, result.execution.history);
    result.played = played_as(result.execution, !result.signatures.empty());
    result.took = std::chrono::steady_clock::now() - begin;
    return result;
}

Played PlanPlayer::ask(const Plan& plan, std::string_view key)
{
    const auto until = silence_tells_ ? Until::first_silence : Until::its_end;
    const auto result = play(plan, scenario_, until);
    discard(result.folder);
    const auto shown = result.played == Played::failed && (key.empty() || result.shows(key));
    if (shown) return Played::failed;
    if (result.execution.interrupted && !interrupted()) { // the failure might have come behind the silence
        silence_tells_ = false;
        return ask(plan, key);
    }
    return result.played == Played::failed ? Played::passed : result.played;
}

} // namespace wsrace
