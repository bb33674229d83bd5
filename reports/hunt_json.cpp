#include "core/verdict.hpp"
#include "reports/clean_text.hpp"
#include "reports/coverage_heat_map.hpp"
#include "reports/hunt.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

namespace wsrace {

namespace {

using Json = nlohmann::ordered_json;

constexpr int format_version = 1;

double milliseconds(Duration duration)
{
    return std::round(static_cast<double>(duration.count()) / 1e3) / 1e3;
}

Json texts(const std::vector<std::string>& list)
{
    auto json = Json::array();
    for (const auto& text : list) json.push_back(clean_text(text));
    return json;
}

Json reproducer_json(const Reproducer& reproducer)
{
    const auto interval = reproducer.interval();
    auto steps = Json::array();
    for (const auto& step : reproducer.steps)
        steps.push_back({{"stage", step.stage},
                         {"text", clean_text(step.text)},
                         {"elements", step.elements},
                         {"plays", step.plays}});
    return {{"folder", clean_text(reproducer.folder)},
            {"elements", texts(reproducer.elements)},
            {"elements_before", reproducer.elements_before},
            {"failed", reproducer.failed},
            {"played", reproducer.played},
            {"rate_low", interval.low},
            {"rate_high", interval.high},
            {"finished", reproducer.finished},
            {"confirmed", reproducer.confirmed},
            {"summary", clean_text(reproducer.summary)},
            {"plays", reproducer.plays},
            {"voided", reproducer.voided},
            {"steps", std::move(steps)}};
}

Json failure_json(const FoundFailure& failure)
{
    auto also = Json::array();
    for (const auto& [symptom, count] : failure.also_seen)
        also.push_back({{"symptom", clean_text(symptom)}, {"executions", count}});
    return {{"signature", clean_text(failure.signature)},
            {"race", failure.is_race},
            {"executions", failure.count},
            {"first_execution", failure.first_execution},
            {"details", texts(failure.details)},
            {"also_seen", std::move(also)},
            {"folder", clean_text(failure.folder)},
            {"reproducer", failure.reproducer ? reproducer_json(*failure.reproducer) : Json(nullptr)}};
}

Json strategy_json(const StrategyShare& share)
{
    Json json{{"name", share.name},
              {"executions", share.executions},
              {"failed", share.failed},
              {"voided", share.voided},
              {"discoveries", share.discoveries}};
    if (!share.why_not.empty()) json["why_not"] = clean_text(share.why_not);
    return json;
}

Json names(const std::vector<FrameType>& types)
{
    auto json = Json::array();
    for (const auto type : types) json.push_back(name(type));
    return json;
}

Json run_events_json(const RunEvents& events)
{
    auto order = Json::array();
    for (const auto& chain : chains_of(events)) order.push_back(names(chain));
    return {
        {"learned_from", events.learned_from}, {"types", names(events.types)}, {"order", std::move(order)}};
}

} // namespace

std::string hunt_json(const HuntReport& report)
{
    auto failures = Json::array();
    for (const auto& failure : report.failures) failures.push_back(failure_json(failure));
    auto strategies = Json::array();
    for (const auto& share : report.strategies) strategies.push_back(strategy_json(share));
    const Json json{{"format_version", format_version},
                    {"exit_status", exit_status(report)},
                    {"scenario", clean_text(report.scenario)},
                    {"scenario_digest", report.scenario_digest},
                    {"target", clean_text(report.target)},
                    {"command", clean_text(report.command)},
                    {"seed", std::to_string(report.seed)}, // 64 bits: more than a JavaScript number holds
                    {"version", report.version},
                    {"started", report.started},
                    {"machine", clean_text(report.machine)},
                    {"took_ms", milliseconds(report.took)},
                    {"baseline_ms", milliseconds(report.baseline)},
                    {"executions", report.executions},
                    {"failed", report.failed},
                    {"voided", report.voided},
                    {"interrupted", report.interrupted},
                    {"problem", clean_text(report.problem)},
                    {"statement", clean_text(report.statement)},
                    {"run_events", report.run_events ? run_events_json(*report.run_events) : Json(nullptr)},
                    {"failures", std::move(failures)},
                    {"strategies", std::move(strategies)},
                    {"coverage", Json::parse(coverage_json(report.coverage))}};
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace wsrace
