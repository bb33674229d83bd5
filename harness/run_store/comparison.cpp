#include "run_store/comparison.hpp"

#include "run_store/compared_rows.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace wsrace {

namespace {

constexpr std::size_t fewest_for_spread =
    10; // executions of the base that tell by themselves how much they differ

using Records = std::vector<RunRecord>;

Records conclusive(const Records& records)
{
    Records out;
    std::copy_if(records.begin(), records.end(), std::back_inserter(out),
                 [](const RunRecord& record) { return record.conclusive(); });
    return out;
}

std::set<std::string> signatures_of(const Records& records)
{
    std::set<std::string> keys;
    for (const auto& record : records)
        for (const auto& each : record.signatures) keys.insert(each.key);
    return keys;
}

std::set<std::string> values_of(const Records& base, const Records& fresh, std::string RunRecord::*field)
{
    std::set<std::string> values;
    for (const auto* const records : {&base, &fresh})
        for (const auto& record : *records) values.insert(record.*field);
    return values;
}

void add_notes(const Records& base, const Records& fresh, Comparison& out)
{
    if (values_of(base, fresh, &RunRecord::scenario_digest).size() > 1)
        out.notes.emplace_back(
            "the scenario is not the same in all of them (users, journeys, target, ...): differences "
            "may be its own");
    if (values_of(base, fresh, &RunRecord::machine).size() > 1)
        out.notes.emplace_back("not all were played on the same machine: latencies may be the machine's");
    if (base.size() < fewest_for_spread)
        out.notes.push_back(
            fmt::format("{} execution{} of the base: how much they differ by themselves is mostly assumed",
                        base.size(), base.size() == 1 ? "" : "s"));
    for (const auto& row : out.rows)
        if (!row.counts && row.standing == Standing::worse)
            out.notes.emplace_back(
                "the harness itself was later than in the base: the machine was busier, and latencies "
                "may be its doing");
}

// Why nothing that was found would mean anything; empty: nothing is in the way.
std::string obstacle(const ComparisonInput& input, const Records& base, const Records& fresh)
{
    const auto some = [](const Records& records, auto condition) {
        return std::any_of(records.begin(), records.end(), condition);
    };
    if (input.base.empty()) return "there is nothing to compare with";
    if (base.empty())
        return "no execution of the base has passed or failed: all are inconclusive, void or interrupted";
    if (some(input.fresh, [](const RunRecord& record) { return record.is_void; }))
        return fmt::format("{} is void: the harness missed its own schedule", input.fresh_name);
    if (some(input.fresh, [](const RunRecord& record) { return record.interrupted; }))
        return fmt::format("{} was interrupted", input.fresh_name);
    if (fresh.size() < input.fresh.size() || fresh.empty())
        return fmt::format("{} is inconclusive by itself", input.fresh_name);
    return {};
}

std::vector<std::string> worse_rows(const Comparison& comparison)
{
    std::vector<std::string> names;
    for (const auto& row : comparison.rows)
        if (row.counts && row.standing == Standing::worse) names.push_back(row.id);
    return names;
}

// Signatures that only the fresh executions have, without enough executions to say that it is not chance.
std::vector<std::string> unproven(const Comparison& comparison)
{
    std::vector<std::string> names;
    for (const auto& row : comparison.rows)
        if (row.kind == ComparedRow::Kind::signature && row.base.failed == 0 && row.fresh.failed > 0 &&
            row.standing != Standing::worse)
            names.push_back(row.id);
    return names;
}

// Rows of which a few executions of the base cannot say whether they are any worse than it is by itself at
// times.
std::vector<std::string> unsure(const Comparison& comparison)
{
    std::vector<std::string> names;
    if (comparison.base_runs >= fewest_for_spread) return names;
    for (const auto& row : comparison.rows)
        if (row.counts && row.standing == Standing::within_spread) names.push_back(row.id);
    return names;
}

bool judged_anything(const Comparison& comparison)
{
    return std::any_of(comparison.rows.begin(), comparison.rows.end(), [](const ComparedRow& row) {
        return row.counts && row.kind == ComparedRow::Kind::latency && row.standing != Standing::too_few;
    });
}

void conclude(const ComparisonInput& input, const Records& base, const Records& fresh, Comparison& out)
{
    using Outcome = Comparison::Outcome;
    if (const auto reason = obstacle(input, base, fresh); !reason.empty()) {
        out.summary = fmt::format("Nothing can be said: {}.", reason);
        return;
    }
    if (const auto worse = worse_rows(out); !worse.empty()) {
        out.outcome = Outcome::regression;
        out.summary = fmt::format("Worse than the base: {}.", fmt::join(worse, "; "));
        return;
    }
    if (const auto names = unproven(out); !names.empty()) {
        out.summary = fmt::format("Not in the base, but too few executions to say that it is not chance: {}. "
                                  "`wsrace repro` says how often each build fails.",
                                  fmt::join(names, "; "));
        return;
    }
    if (const auto names = unsure(out); !names.empty()) {
        out.summary = fmt::format(
            "Slower or failing more, but executions of one build may differ as much: {}. Store some "
            "of the base, and compare with --last {}.",
            fmt::join(names, "; "), 2 * fewest_for_spread);
        return;
    }
    if (!judged_anything(out)) {
        out.summary =
            fmt::format("Nothing can be said: too few samples of every latency to notice an A12 of {:g}.",
                        out.settings.a12);
        return;
    }
    out.outcome = Outcome::no_regression;
    out.summary = "No regression in what could be judged.";
}

} // namespace

Comparison compare(const ComparisonInput& input)
{
    const auto base = conclusive(input.base);
    const auto fresh = conclusive(input.fresh);
    Comparison out;
    out.scenario = input.fresh.empty() ? std::string{} : input.fresh.front().scenario;
    out.base = input.base_name;
    out.fresh = input.fresh_name;
    out.base_runs = base.size();
    out.fresh_runs = fresh.size();
    out.settings = input.settings;
    if (!base.empty() && !fresh.empty()) {
        out.rows = compared_rows(base, fresh, input.settings);
        const auto before = signatures_of(base);
        const auto after = signatures_of(fresh);
        std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                            std::back_inserter(out.appeared));
        std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                            std::back_inserter(out.gone));
        add_notes(base, fresh, out);
    }
    conclude(input, base, fresh, out);
    return out;
}

} // namespace wsrace
