#include "run_store/trend.hpp"

#include "run_store/change_points.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

namespace wsrace {

namespace {

Rate rate_of(const TrendSeries& series, std::size_t from = 0)
{
    Rate rate;
    for (std::size_t i = from; i < series.values.size(); ++i) {
        if (!series.values[i]) continue;
        ++rate.trials;
        rate.failed += *series.values[i] > 0 ? 1 : 0;
    }
    rate.interval = wilson_interval(rate.failed, rate.trials);
    return rate;
}

double level_of(std::vector<double> values, bool is_rate)
{
    if (is_rate)
        return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

void find_changes(TrendSeries& series, double alpha)
{
    std::vector<double> values;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < series.values.size(); ++i) {
        if (!series.values[i]) continue;
        values.push_back(*series.values[i]);
        places.push_back(i);
    }
    const auto changes = change_points(values, alpha);
    const auto level = [&](std::size_t from, std::size_t until) {
        return level_of({values.begin() + static_cast<std::ptrdiff_t>(from),
                         values.begin() + static_cast<std::ptrdiff_t>(until)},
                        series.unit == "rate");
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const auto from = i == 0 ? 0 : changes[i - 1].at;
        const auto until = i + 1 < changes.size() ? changes[i + 1].at : values.size();
        series.changes.push_back({.at = places[changes[i].at],
                                  .before = level(from, changes[i].at),
                                  .after = level(changes[i].at, until),
                                  .p = changes[i].p});
    }
}

TrendSeries verdicts_of(const std::vector<RunRecord>& records)
{
    TrendSeries series{.id = "executions that failed", .unit = "rate", .values = {}, .changes = {}};
    for (const auto& record : records) {
        std::optional<double> value;
        if (record.conclusive()) value = record.verdict == Verdict::fail ? 1.0 : 0.0;
        series.values.push_back(value);
    }
    return series;
}

// In the order in which the newest execution has them, then those that it lacks.
std::vector<std::string> latency_ids(const std::vector<RunRecord>& records)
{
    std::vector<std::string> ids;
    for (auto record = records.rbegin(); record != records.rend(); ++record)
        for (const auto& each : record->latencies)
            if (std::find(ids.begin(), ids.end(), each.id) == ids.end()) ids.push_back(each.id);
    return ids;
}

TrendSeries quantiles_of(const std::vector<RunRecord>& records, const std::string& id, double q,
                         const char* mark)
{
    TrendSeries series{.id = id + mark, .unit = "ns", .values = {}, .changes = {}};
    for (const auto& record : records) {
        std::optional<double> value;
        for (const auto& each : record.latencies)
            if (each.id == id && record.conclusive())
                value = static_cast<double>(quantile(each.samples, q).count());
        series.values.push_back(value);
    }
    return series;
}

std::vector<SignatureTrend> signatures_of(const std::vector<RunRecord>& records)
{
    std::map<std::string, SignatureTrend> seen;
    for (std::size_t i = 0; i < records.size(); ++i)
        for (const auto& each : records[i].signatures) {
            const auto [place, is_new] = seen.try_emplace(each.key);
            auto& trend = place->second;
            if (is_new) trend.first = i;
            trend.last = i;
            trend.detail = each.detail;
        }
    std::vector<SignatureTrend> out;
    for (auto& [key, trend] : seen) {
        trend.series = {.id = key, .unit = "rate", .values = {}, .changes = {}};
        for (const auto& record : records) {
            const bool met = std::any_of(record.signatures.begin(), record.signatures.end(),
                                         [&name = key](const auto& each) { return each.key == name; });
            std::optional<double> value;
            if (record.conclusive()) value = met ? 1.0 : 0.0;
            trend.series.values.push_back(value);
        }
        trend.rate = rate_of(trend.series);
        out.push_back(std::move(trend));
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const auto& a, const auto& b) { return a.rate.failed > b.rate.failed; });
    return out;
}

// The same plan on the same build: a difference in verdict is nothing but chance.
void count_plans(const std::vector<RunRecord>& records, Trend& trend)
{
    std::map<std::tuple<std::string, std::string, std::string>, std::vector<Verdict>> plans;
    for (const auto& record : records)
        if (record.conclusive())
            plans[{record.plan_digest, record.version, record.label}].push_back(record.verdict);
    for (const auto& [plan, verdicts] : plans) {
        if (verdicts.size() < 2) continue;
        ++trend.replayed_plans;
        const auto differs = [&](Verdict verdict) { return verdict != verdicts.front(); };
        trend.flaky_plans += std::any_of(verdicts.begin(), verdicts.end(), differs) ? 1 : 0;
    }
}

} // namespace

Trend trend_of(const std::vector<RunRecord>& records, std::uint64_t stored, double alpha)
{
    Trend trend;
    trend.scenario = records.front().scenario;
    trend.stored = stored;
    std::set<std::string> digests;
    for (const auto& record : records) {
        trend.runs.push_back({.run = record.run,
                              .started = record.started,
                              .version = record.version,
                              .label = record.label,
                              .verdict = record.verdict,
                              .counts = record.conclusive()});
        digests.insert(record.scenario_digest);
    }
    trend.digests = digests.size();
    trend.verdicts = verdicts_of(records);
    for (const auto& id : latency_ids(records)) {
        trend.latencies.push_back(quantiles_of(records, id, 0.5, " p50"));
        trend.latencies.push_back(quantiles_of(records, id, 0.99, " p99"));
    }
    trend.signatures = signatures_of(records);
    count_plans(records, trend);

    const auto each =
        alpha / static_cast<double>(1 + trend.latencies.size() + trend.signatures.size()); // Bonferroni
    find_changes(trend.verdicts, each);
    for (auto& series : trend.latencies) find_changes(series, each);
    for (auto& signature : trend.signatures) find_changes(signature.series, each);
    trend.failures = rate_of(trend.verdicts);
    trend.failures_since =
        rate_of(trend.verdicts, trend.verdicts.changes.empty() ? 0 : trend.verdicts.changes.back().at);
    return trend;
}

} // namespace wsrace
