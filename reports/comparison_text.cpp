#include "reports/clean_text.hpp"
#include "reports/trend.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wsrace {

namespace {

using Kind = ComparedRow::Kind;

std::string p_text(double p) { return p < 1e-9 ? "< 1e-9" : fmt::format("{:.2g}", p); }

std::string standing_text(const ComparedRow& row)
{
    const auto shown =
        row.standing == Standing::worse ? std::string{"WORSE"} : std::string{name(row.standing)};
    return row.counts ? shown : shown + " (the harness's own: does not count)";
}

std::string latency_lines(const Comparison& comparison)
{
    std::string text;
    for (const auto& row : comparison.rows) {
        if (row.kind != Kind::latency) continue;
        const auto limit = row.limit ? fmt::format("{:.3f}", *row.limit) : std::string{"-"};
        text += fmt::format("  {:<14} {:>7} {:>7} {:>9} {:>9} {:>9} {:>9}  {:>5.3f} {:>6} {:>8}  {}\n",
                            one_line(clean_text(row.id), 14), row.base.trials, row.fresh.trials,
                            format_duration(row.base.p50), format_duration(row.fresh.p50),
                            format_duration(row.base.p99), format_duration(row.fresh.p99), row.effect, limit,
                            p_text(row.p_worse), standing_text(row));
    }
    if (text.empty()) return text;
    return fmt::format("{:<16} {:>7} {:>7} {:>9} {:>9} {:>9} {:>9}  {:>5} {:>6} {:>8}\n", "Latencies",
                       "n base", "new", "p50 base", "new", "p99 base", "new", "A12", "limit", "p slower") +
           text;
}

std::string side_text(const ComparedSide& side)
{
    if (side.trials == 0) return "none";
    return fmt::format("{} of {}", side.failed, side.trials);
}

// Nothing is said of a tail that is as it was: there is one for each latency.
bool is_shown(const ComparedRow& row)
{
    if (row.kind == Kind::latency) return false;
    return row.kind != Kind::tail || row.standing == Standing::worse || row.standing == Standing::better ||
           row.standing == Standing::within_spread;
}

std::string failure_lines(const Comparison& comparison)
{
    std::string text;
    for (const auto& row : comparison.rows) {
        if (!is_shown(row)) continue;
        const auto prefix = row.kind == Kind::signature ? "signature " : "";
        const bool any = row.base.failed + row.fresh.failed > 0;
        text += fmt::format("  {:<48} {:>16} {:>16} {:>7} {:>8}  {}\n",
                            prefix + one_line(clean_text(row.id), 48 - std::string_view{prefix}.size()),
                            side_text(row.base), side_text(row.fresh),
                            any ? fmt::format("{:.3g}", row.effect) : "-", any ? p_text(row.p_worse) : "-",
                            standing_text(row));
    }
    if (text.empty()) return text;
    return fmt::format("{:<50} {:>16} {:>16} {:>7} {:>8}\n", "Failures", "base", "new", "odds", "p more") +
           text;
}

std::string upper(std::string_view text)
{
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return out;
}

} // namespace

std::string comparison_text(const Comparison& comparison)
{
    auto text = fmt::format("{} {}  {}\n", upper(name(comparison.outcome)),
                            one_line(clean_text(comparison.scenario), 60),
                            one_line(clean_text(comparison.summary), 400));
    text += fmt::format("  base {}\n  new  {}\n", one_line(clean_text(comparison.base), 200),
                        one_line(clean_text(comparison.fresh), 200));
    text += latency_lines(comparison) + failure_lines(comparison);
    const auto list = [&](const char* what, const std::vector<std::string>& names) {
        for (const auto& each : names)
            text += fmt::format("  {} {}\n", what, one_line(clean_text(each), 100));
    };
    list("appeared:", comparison.appeared);
    list("gone:", comparison.gone);
    for (const auto& note : comparison.notes) text += fmt::format("  note: {}\n", note);
    return text +
           fmt::format(
               "  worse: beyond chance (all rows together at {:g}), at least A12 {:g} or odds {:g}, and "
               "beyond the limit of what\n         executions of the base differ by\n",
               comparison.settings.alpha, comparison.settings.a12, comparison.settings.odds_ratio);
}

} // namespace wsrace
