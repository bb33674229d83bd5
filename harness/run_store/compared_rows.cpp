#include "run_store/compared_rows.hpp"

#include "run_store/two_samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace wsrace {

namespace {

using Records = std::vector<RunRecord>;
using Kind = ComparedRow::Kind;

constexpr double wanted_power = 0.8;
constexpr std::uint64_t plenty =
    1000; // samples of both sides, from which on the tail is 1 % of them, else 5 %
// How much executions of the same build differ, where there are few to tell: measured with 40 executions of
// the golden path on a machine that had other work, see docs/run_store.md.
constexpr SpreadPrior latency_prior{.deviation = 0.4, .weight = 4};
constexpr SpreadPrior tail_prior{.deviation = 0.1, .weight = 4};
constexpr std::size_t fewest_for_rates = 3; // executions whose failure rates say something of their spread
constexpr std::string_view harness_latency = "schedule_lag";

// A row, and what its standing depends on.
struct Tested {
    ComparedRow row;
    double smallest_p = 0; // that was possible at all
    bool enough = true;    // samples
};

CountedSamples samples_of(const RunRecord& record, const std::string& id)
{
    for (const auto& each : record.latencies)
        if (each.id == id) return each.samples;
    return {};
}

std::vector<CountedSamples> samples_of(const Records& records, const std::string& id)
{
    std::vector<CountedSamples> out;
    for (const auto& record : records) out.push_back(samples_of(record, id));
    return out;
}

// One execution of the base after the other as if it were the one to be judged: what one more might show. Of
// the pairs with all of them those with itself are taken away, of which half count.
double limit_of(const std::vector<CountedSamples>& base, const CountedSamples& all_base, double alpha)
{
    std::vector<double> effects;
    const auto all = total(all_base);
    for (const auto& own : base) {
        const auto count = total(own);
        const auto others = all - count;
        if (count == 0 || others == 0) continue;
        const auto own_count = static_cast<double>(count);
        const auto u = mann_whitney(all_base, own).u - own_count * own_count / 2;
        effects.push_back(in_deviations(u / (own_count * static_cast<double>(others)), others, count));
    }
    if (effects.empty()) effects.push_back(0);
    return probability_of(next_value_limit(effects, alpha, latency_prior));
}

Tested latency_row(const std::string& id, const std::vector<CountedSamples>& base,
                   const CountedSamples& all_base, const CountedSamples& fresh, double alpha)
{
    const auto side = [](const CountedSamples& samples) {
        return ComparedSide{.failed = 0,
                            .trials = total(samples),
                            .p50 = quantile(samples, 0.5),
                            .p99 = quantile(samples, 0.99)};
    };
    const auto ranked = mann_whitney(all_base, fresh);
    Tested tested;
    tested.row = {.kind = Kind::latency,
                  .id = id,
                  .base = side(all_base),
                  .fresh = side(fresh),
                  .effect = ranked.a12,
                  .p_worse = ranked.p_larger,
                  .p_better = ranked.p_smaller,
                  .limit = limit_of(base, all_base, alpha),
                  .counts = id != harness_latency};
    return tested;
}

Failures above(const CountedSamples& samples, Duration limit)
{
    Failures out{.failed = 0, .trials = total(samples)};
    for (const auto& [value, count] : samples)
        if (value > limit) out.failed += count;
    return out;
}

// On the scale on which the variance of a rate does not depend on it.
double limit_of(const std::vector<Failures>& base, double alpha, const SpreadPrior& prior)
{
    std::vector<double> rates;
    for (const auto& each : base)
        if (each.trials > 0) rates.push_back(std::asin(std::sqrt(each.rate())));
    if (rates.empty()) return 1;
    const auto angle = next_value_limit(rates, alpha, prior);
    return angle >= std::acos(0.0) ? 1.0 : std::pow(std::sin(angle), 2);
}

Tested failure_row(Kind kind, std::string id, const std::vector<Failures>& base, const Failures& fresh)
{
    Failures all_base;
    for (const auto& each : base) {
        all_base.failed += each.failed;
        all_base.trials += each.trials;
    }
    const auto exact = fisher(all_base, fresh);
    Tested tested;
    tested.smallest_p = exact.smallest_p;
    tested.enough = all_base.trials > 0 && fresh.trials > 0;
    tested.row = {.kind = kind,
                  .id = std::move(id),
                  .base = {.failed = all_base.failed, .trials = all_base.trials},
                  .fresh = {.failed = fresh.failed, .trials = fresh.trials},
                  .effect = exact.odds_ratio,
                  .p_worse = exact.p_more,
                  .p_better = exact.p_fewer,
                  .limit = {}};
    return tested;
}

// What Mann and Whitney's test does not see: few samples that are far slower than the rest. A quantile test
// (Johnson, Verrill and Moore 1987): of the slowest of both sides together, are too many new ones?
Tested tail_row(const std::string& id, const std::vector<CountedSamples>& base,
                const CountedSamples& all_base, const CountedSamples& fresh, double alpha)
{
    const auto both = merged(std::vector{all_base, fresh});
    const bool many = total(both) >= plenty;
    const auto limit = quantile(both, many ? 0.99 : 0.95);
    std::vector<Failures> failures;
    failures.reserve(base.size());
    for (const auto& samples : base) failures.push_back(above(samples, limit));
    auto tested = failure_row(Kind::tail, fmt::format("{}, slowest {} %", id, many ? 1 : 5), failures,
                              above(fresh, limit));
    tested.row.limit = limit_of(failures, alpha, tail_prior);
    tested.row.counts = id != harness_latency;
    return tested;
}

using Counting = std::function<Failures(const RunRecord&)>;

Tested counted_row(Kind kind, std::string id, const Records& base, const Records& fresh,
                   const Counting& count, double alpha)
{
    std::vector<Failures> failures;
    for (const auto& record : base) failures.push_back(count(record));
    Failures new_ones;
    for (const auto& record : fresh) {
        const auto each = count(record);
        new_ones.failed += each.failed;
        new_ones.trials += each.trials;
    }
    auto tested = failure_row(kind, std::move(id), failures, new_ones);
    const bool of_executions = kind == Kind::execution || kind == Kind::signature; // each of which is 0 or 1
    if (!of_executions && base.size() >= fewest_for_rates) tested.row.limit = limit_of(failures, alpha, {});
    return tested;
}

// A service level that is a rate of successes.
Failures failures_of(const RunRecord& record, std::string_view id)
{
    for (const auto& metric : record.metrics) {
        if (metric.id != id || metric.unit != "rate" || !(metric.value >= 0 && metric.value <= 1)) continue;
        const auto failed = std::llround((1 - metric.value) * static_cast<double>(metric.sample_size));
        return {.failed = static_cast<std::uint64_t>(failed), .trials = metric.sample_size};
    }
    return {};
}

void add_latencies(const Records& base, const Records& fresh, double alpha, std::vector<Tested>& out)
{
    std::vector<std::string> ids;
    for (const auto* const records : {&fresh, &base})
        for (const auto& record : *records)
            for (const auto& each : record.latencies)
                if (std::find(ids.begin(), ids.end(), each.id) == ids.end()) ids.push_back(each.id);
    std::vector<Tested> tails;
    for (const auto& id : ids) {
        const auto of_base = samples_of(base, id);
        const auto all_base = merged(of_base);
        const auto of_fresh = merged(samples_of(fresh, id));
        out.push_back(latency_row(id, of_base, all_base, of_fresh, alpha));
        tails.push_back(tail_row(id, of_base, all_base, of_fresh, alpha));
    }
    std::move(tails.begin(), tails.end(), std::back_inserter(out));
}

void add_rates(const Records& base, const Records& fresh, double alpha, std::vector<Tested>& out)
{
    const auto metric = [&](const char* text, const char* id) {
        out.push_back(counted_row(
            Kind::rate, text, base, fresh, [id](const RunRecord& record) { return failures_of(record, id); },
            alpha));
    };
    metric("connections that failed", "connection_success");
    metric("users who left the golden path", "golden_path");
    metric("frames of somebody else", "isolation");
    out.push_back(counted_row(
        Kind::rate, "runs that did not complete", base, fresh,
        [](const RunRecord& record) {
            const auto requests = record.counts.requests;
            return Failures{.failed = requests - std::min(requests, record.counts.runs_completed),
                            .trials = requests};
        },
        alpha));
    out.push_back(counted_row(
        Kind::execution, "executions that failed", base, fresh,
        [](const RunRecord& record) {
            return Failures{.failed = record.verdict == Verdict::fail ? 1U : 0U, .trials = 1};
        },
        alpha));
}

void add_signatures(const Records& base, const Records& fresh, double alpha, std::vector<Tested>& out)
{
    std::vector<std::string> keys;
    for (const auto* const records : {&fresh, &base})
        for (const auto& record : *records)
            for (const auto& each : record.signatures)
                if (std::find(keys.begin(), keys.end(), each.key) == keys.end()) keys.push_back(each.key);
    for (const auto& key : keys)
        out.push_back(counted_row(
            Kind::signature, key, base, fresh,
            [&](const RunRecord& record) {
                const bool met = std::any_of(record.signatures.begin(), record.signatures.end(),
                                             [&](const auto& each) { return each.key == key; });
                return Failures{.failed = met ? 1U : 0U, .trials = 1};
            },
            alpha));
}

bool beyond_spread(const ComparedRow& row)
{
    if (!row.limit) return true;
    const auto effect =
        row.kind == Kind::latency ? row.effect : Failures{row.fresh.failed, row.fresh.trials}.rate();
    return effect > *row.limit;
}

Standing standing_of(const ComparedRow& row, bool worse, bool better, const ComparisonSettings& settings)
{
    const bool rank = row.kind == Kind::latency;
    const auto least = rank ? settings.a12 : settings.odds_ratio;
    if (worse) {
        if (row.effect < least) return Standing::small;
        return beyond_spread(row) ? Standing::worse : Standing::within_spread;
    }
    if (better) return row.effect <= (rank ? 1 - least : 1 / least) ? Standing::better : Standing::small;
    return Standing::same;
}

void judge_rows(std::vector<Tested>& rows, const ComparisonSettings& settings)
{
    const auto each = settings.alpha / static_cast<double>(rows.size());
    std::vector<Tested*> testable;
    std::vector<double> worse, better;
    for (auto& tested : rows) {
        auto& row = tested.row;
        if (row.kind == Kind::latency)
            tested.enough =
                rank_test_power(row.base.trials, row.fresh.trials, settings.a12, each) >= wanted_power;
        const bool no_failures = row.kind != Kind::latency && row.base.failed + row.fresh.failed == 0;
        row.standing = tested.enough && no_failures ? Standing::same : Standing::too_few;
        if (!tested.enough || no_failures || tested.smallest_p > each) continue;
        testable.push_back(&tested);
        worse.push_back(row.p_worse);
        better.push_back(row.p_better);
    }
    const auto is_worse = holm(worse, settings.alpha);
    const auto is_better = holm(better, settings.alpha);
    for (std::size_t i = 0; i < testable.size(); ++i)
        testable[i]->row.standing = standing_of(testable[i]->row, is_worse[i], is_better[i], settings);
}

} // namespace

std::vector<ComparedRow> compared_rows(const Records& base, const Records& fresh,
                                       const ComparisonSettings& settings)
{
    std::vector<Tested> rows;
    add_latencies(base, fresh, settings.alpha, rows);
    add_rates(base, fresh, settings.alpha, rows);
    add_signatures(base, fresh, settings.alpha, rows);
    std::erase_if(rows,
                  [](const Tested& tested) { return tested.row.base.trials + tested.row.fresh.trials == 0; });
    judge_rows(rows, settings);
    std::vector<ComparedRow> out;
    out.reserve(rows.size());
    for (auto& tested : rows) out.push_back(std::move(tested.row));
    return out;
}

} // namespace wsrace
