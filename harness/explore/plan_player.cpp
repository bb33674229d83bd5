#include "explore/plan_player.hpp"

#include "plan/as_planned.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <system_error>

namespace wsrace {

namespace {

using Clock = std::chrono::steady_clock;

constexpr Duration least_patience = std::chrono::seconds{1}; // but for none at all
constexpr Duration most_patience = std::chrono::seconds{8};

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
    const auto is_told = [key](const FailureSignature& signature) {
        const auto& others = signature.also_seen;
        return names_a_report(key) && std::find(others.begin(), others.end(), key) != others.end();
    };
    return std::any_of(signatures.begin(), signatures.end(), [&](const FailureSignature& signature) {
        return signature.key == key || is_told(signature);
    });
}

Played PlayedPlan::says_of(std::string_view key, bool must_judge) const
{
    if (key.empty() || shows(key)) return played;
    if (execution.interrupted || execution.verdict.is_void || !execution.problem.empty())
        return Played::voided;
    if (played == Played::passed) return played;
    const auto& checks = execution.verdict.checks;
    const auto id = key.substr(0, key.find(": "));
    const auto check =
        std::find_if(checks.begin(), checks.end(), [id](const CheckResult& one) { return one.id == id; });
    if (check == checks.end() || check->verdict == Verdict::inconclusive) return Played::voided;
    const auto had_nothing = check->verdict == Verdict::skipped;
    return had_nothing && (must_judge || played == Played::voided) ? Played::voided : Played::passed;
}

PlanPlayer::PlanPlayer(const Scenario& scenario, const RunInfo& asked, std::filesystem::path folder,
                       std::stop_token stop)
    : scenario_{scenario}, asked_{asked}, folder_{std::move(folder)}, stop_{std::move(stop)}
{}

PlayedPlan PlanPlayer::play(const Plan& plan, const Scenario& played_by)
{
    return play(plan, played_by, std::nullopt);
}

PlayedPlan PlanPlayer::play(const Plan& plan, const Scenario& played_by, std::optional<Duration> patience)
{
    const auto begin = Clock::now();
    auto scenario = as_planned(played_by, plan);
    scenario.expectations.checks["thresholds"].enabled = false;
    std::stop_source end;
    const std::stop_callback interruption{stop_, [&end] { end.request_stop(); }};
    std::optional<Clock::time_point> silent_since;
    const auto look = [&](const Progress& now) {
        if (!patience || now.awaited_in_vain == 0) return;
        if (!silent_since) silent_since = Clock::now();
        if (Clock::now() - *silent_since >= *patience) end.request_stop();
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
    result.took = Clock::now() - begin;
    return result;
}

Played PlanPlayer::ask(const Plan& plan, std::string_view key, bool must_judge)
{
    const Duration patience = patience_;
    const auto answer = [&](std::optional<Duration> until) -> std::optional<Played> {
        const auto result = play(plan, scenario_, until);
        discard(result.folder);
        const auto says = result.says_of(key, must_judge);
        if (says == Played::failed) return says;
        if (result.execution.interrupted && !interrupted()) return std::nullopt;
        note_others(result);
        return says;
    };
    if (patience <= most_patience)
        if (const auto soon = answer(patience)) return *soon;
    const auto played = answer(std::nullopt).value_or(Played::voided);
    if (played == Played::failed) patience_ = std::max(least_patience, 4 * patience); // it came later
    return played;
}

std::map<std::string, std::uint64_t> PlanPlayer::otherwise() const
{
    const std::lock_guard lock{mutex_};
    return otherwise_;
}

void PlanPlayer::note_others(const PlayedPlan& played)
{
    const std::lock_guard lock{mutex_};
    for (const auto& signature : played.signatures) ++otherwise_[signature.key];
}

} // namespace wsrace
