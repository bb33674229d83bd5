#include "reports/clean_text.hpp"
#include "reports/trend.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

namespace wsrace {

namespace {

using Json = nlohmann::ordered_json;

constexpr int format_version = 1;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

std::string dumped(const Json& json)
{
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

Json rate_json(const Rate& rate)
{
    return {{"failed", rate.failed},
            {"runs", rate.trials},
            {"low", number(rate.interval.low)},
            {"high", number(rate.interval.high)}};
}

Json run_json(const TrendRun& run)
{
    return {{"run", clean_text(run.run)},         {"started", clean_text(run.started)},
            {"version", clean_text(run.version)}, {"label", clean_text(run.label)},
            {"verdict", name(run.verdict)},       {"counts", run.counts}};
}

Json series_json(const TrendSeries& series, const Trend& trend)
{
    Json values = Json::array();
    for (const auto& value : series.values) values.push_back(value ? number(*value) : Json(nullptr));
    Json changes = Json::array();
    for (const auto& change : series.changes)
        changes.push_back({{"at", change.at},
                           {"run", clean_text(trend.runs[change.at].run)},
                           {"before", number(change.before)},
                           {"after", number(change.after)},
                           {"p", number(change.p)}});
    return {{"id", clean_text(series.id)},
            {"unit", series.unit},
            {"values", std::move(values)},
            {"change_points", std::move(changes)}};
}

Json trend_json(const Trend& trend)
{
    Json runs = Json::array(), latencies = Json::array(), signatures = Json::array();
    for (const auto& run : trend.runs) runs.push_back(run_json(run));
    for (const auto& series : trend.latencies) latencies.push_back(series_json(series, trend));
    for (const auto& each : trend.signatures) {
        auto json = series_json(each.series, trend);
        json["rate"] = rate_json(each.rate);
        json["first"] = clean_text(trend.runs[each.first].run);
        json["last"] = clean_text(trend.runs[each.last].run);
        json["detail"] = clean_text(each.detail);
        signatures.push_back(std::move(json));
    }
    return {{"scenario", clean_text(trend.scenario)},
            {"stored", trend.stored},
            {"flake_rate", rate_json(trend.failures)},
            {"flake_rate_since_change", rate_json(trend.failures_since)},
            {"replayed_plans", trend.replayed_plans},
            {"flaky_plans", trend.flaky_plans},
            {"scenario_digests", trend.digests},
            {"runs", std::move(runs)},
            {"verdicts", series_json(trend.verdicts, trend)},
            {"latencies", std::move(latencies)},
            {"signatures", std::move(signatures)}};
}

Json side_json(const ComparedSide& side, bool is_latency)
{
    if (is_latency)
        return {{"samples", side.trials}, {"p50_ns", side.p50.count()}, {"p99_ns", side.p99.count()}};
    return {{"failed", side.failed}, {"trials", side.trials}};
}

Json row_json(const ComparedRow& row)
{
    const bool is_latency = row.kind == ComparedRow::Kind::latency;
    return {{"kind", name(row.kind)},
            {"id", clean_text(row.id)},
            {"standing", name(row.standing)},
            {"counts", row.counts},
            {"base", side_json(row.base, is_latency)},
            {"new", side_json(row.fresh, is_latency)},
            {is_latency ? "a12" : "odds_ratio", number(row.effect)},
            {"limit", row.limit ? number(*row.limit) : Json(nullptr)},
            {"p_worse", number(row.p_worse)},
            {"p_better", number(row.p_better)}};
}

Json texts(const std::vector<std::string>& several)
{
    Json array = Json::array();
    for (const auto& each : several) array.push_back(clean_text(each));
    return array;
}

} // namespace

std::string trends_json(const std::vector<Trend>& trends)
{
    Json scenarios = Json::array();
    for (const auto& trend : trends) scenarios.push_back(trend_json(trend));
    return dumped({{"format_version", format_version}, {"scenarios", std::move(scenarios)}});
}

std::string comparison_json(const Comparison& comparison)
{
    Json rows = Json::array();
    for (const auto& row : comparison.rows) rows.push_back(row_json(row));
    const auto& settings = comparison.settings;
    return dumped({{"format_version", format_version},
                   {"outcome", name(comparison.outcome)},
                   {"exit_status", exit_status(comparison.outcome)},
                   {"summary", clean_text(comparison.summary)},
                   {"scenario", clean_text(comparison.scenario)},
                   {"base", {{"name", clean_text(comparison.base)}, {"runs", comparison.base_runs}}},
                   {"new", {{"name", clean_text(comparison.fresh)}, {"runs", comparison.fresh_runs}}},
                   {"settings",
                    {{"alpha", settings.alpha}, {"a12", settings.a12}, {"odds_ratio", settings.odds_ratio}}},
                   {"rows", std::move(rows)},
                   {"appeared", texts(comparison.appeared)},
                   {"gone", texts(comparison.gone)},
                   {"notes", texts(comparison.notes)}});
}

} // namespace wsrace
