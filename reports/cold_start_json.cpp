#include "core/verdict.hpp"
#include "reports/clean_text.hpp"
#include "reports/cold_start.hpp"

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

Json edge_json(const ColdStartEdge& edge)
{
    return {{"at_ms", milliseconds(edge.at)},
            {"low_ms", milliseconds(edge.low)},
            {"high_ms", milliseconds(edge.high)},
            {"measured", edge.measured}};
}

Json stretch_json(const ColdStartStretch& stretch)
{
    return {{"outcome", name(stretch.outcome)},
            {"from", edge_json(stretch.from)},
            {"until", edge_json(stretch.until)},
            {"users", stretch.users},
            {"alike", stretch.alike},
            {"failed", stretch.failed},
            {"boots", stretch.boots}};
}

Json counts_json(const std::array<std::uint32_t, arrival_outcomes>& counts)
{
    Json json = Json::object();
    for (std::size_t i = 0; i < counts.size(); ++i)
        if (counts[i] > 0) json[std::string{name(static_cast<ArrivalOutcome>(i))}] = counts[i];
    return json;
}

Json search_json(const ColdStartReport& report)
{
    return {{"scenario", clean_text(report.scenario)},
            {"scenario_digest", report.scenario_digest},
            {"target", clean_text(report.target)},
            {"command", clean_text(report.command)},
            {"seed", std::to_string(report.seed)}, // 64 bits: more than a JavaScript number holds
            {"version", report.version},
            {"started", report.started},
            {"machine", clean_text(report.machine)},
            {"after", report.anchor},
            {"from_ms", milliseconds(report.range_from)},
            {"until_ms", milliseconds(report.range_until)},
            {"boots", report.boots},
            {"failed_boots", report.failed_boots},
            {"users", report.users},
            {"voided", report.voided},
            {"took_ms", milliseconds(report.took)},
            {"converged", report.converged},
            {"interrupted", report.interrupted}};
}

Json windows_json(const ColdStartReport& report)
{
    auto windows = Json::array();
    for (const auto& window : report.windows) {
        auto json = stretch_json(window);
        json["sentence"] = sentence(window, report);
        json["users_hit"] = std::round(users_hit(window, report) * 1000) / 1000;
        windows.push_back(std::move(json));
    }
    return windows;
}

Json lie_json(const ColdStartReport& report)
{
    if (!report.lie) return nullptr;
    return {{"said_ready_ms", milliseconds(report.lie->said_at)},
            {"failed_until_ms", milliseconds(report.lie->failed_until)},
            {"outcome", name(report.lie->outcome)},
            {"users", report.lie->users},
            {"boots", report.lie->boots}};
}

} // namespace

std::string cold_start_json(const ColdStartReport& report)
{
    auto stretches = Json::array();
    for (const auto& stretch : report.stretches) stretches.push_back(stretch_json(stretch));
    auto strip = Json::array();
    for (const auto& cell : report.cells)
        strip.push_back({{"from_ms", milliseconds(cell.from)},
                         {"until_ms", milliseconds(cell.until)},
                         {"shown", cell.shown ? Json(name(*cell.shown)) : Json(nullptr)},
                         {"users", counts_json(cell.users)}});
    auto kept = Json::array();
    for (const auto& folder : report.kept) kept.push_back(clean_text(folder));
    const Json json{{"format_version", format_version},
                    {"search", search_json(report)},
                    {"windows", windows_json(report)},
                    {"readiness_lie", lie_json(report)},
                    {"ready_ms", report.ready ? Json(milliseconds(*report.ready)) : Json(nullptr)},
                    {"rate_per_second", report.rate},
                    {"isolated_bad", report.isolated_bad},
                    {"outcomes", counts_json(report.outcomes)},
                    {"stretches", std::move(stretches)},
                    {"strip", std::move(strip)},
                    {"kept", std::move(kept)},
                    {"problem", clean_text(report.problem)}};
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace wsrace
