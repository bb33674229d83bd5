#include "reports/clean_text.hpp"
#include "reports/trend.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace wsrace {

namespace {

constexpr std::size_t longest_signature = 80;
constexpr std::size_t most_signatures = 10; // the others are in the JSON

std::string percent(double rate) { return fmt::format("{:.3g} %", rate * 100); }

std::string rate_of(const Rate& rate)
{
    if (rate.trials == 0) return "none of the runs counts";
    return fmt::format("{} (95 %: {} to {}), {} of {} runs",
                       percent(rate.failed / static_cast<double>(rate.trials)), percent(rate.interval.low),
                       percent(rate.interval.high), rate.failed, rate.trials);
}

std::string value_of(double value, const std::string& unit)
{
    return unit == "rate" ? percent(value) : format_duration(Duration{static_cast<std::int64_t>(value)});
}

std::string run_of(const TrendRun& run)
{
    const auto label = run.label.empty() ? std::string{} : ", " + one_line(clean_text(run.label), 40);
    return fmt::format("{} ({}{})", one_line(clean_text(run.run), 20), one_line(clean_text(run.started), 30),
                       label);
}

// Several neighbours become their highest.
std::vector<std::optional<double>> narrowed(const std::vector<std::optional<double>>& values,
                                            std::size_t width)
{
    if (values.size() <= width) return values;
    std::vector<std::optional<double>> out(width);
    for (std::size_t i = 0; i < values.size(); ++i) {
        auto& cell = out[i * width / values.size()];
        if (values[i] && (!cell || *cell < *values[i])) cell = values[i];
    }
    return out;
}

std::string strip(const TrendSeries& series, char one)
{
    std::string text;
    for (const auto& value : narrowed(series.values, 60)) text += !value ? '?' : *value > 0 ? one : '.';
    return text;
}

std::string latency_lines(const Trend& trend)
{
    std::string text;
    for (const auto& series : trend.latencies) {
        std::optional<double> lowest, highest, last;
        for (const auto& value : series.values) {
            if (!value) continue;
            lowest = std::min(lowest.value_or(*value), *value);
            highest = std::max(highest.value_or(*value), *value);
            last = value;
        }
        if (!last) continue;
        text += fmt::format("  {:<18} {:>9} {:>9} {:>9}  {}\n", one_line(clean_text(series.id), 18),
                            value_of(*last, series.unit), value_of(*lowest, series.unit),
                            value_of(*highest, series.unit), sparkline(series));
    }
    if (text.empty()) return text;
    return fmt::format("  {:<18} {:>9} {:>9} {:>9}  {}\n", "latencies", "last", "lowest", "highest",
                       "trend") +
           text;
}

std::string signature_lines(const Trend& trend)
{
    std::string text;
    for (std::size_t i = 0; i < trend.signatures.size() && i < most_signatures; ++i) {
        const auto& each = trend.signatures[i];
        text +=
            fmt::format("    {}\n      {}  {}\n      first {}, last {}\n",
                        one_line(clean_text(each.series.id), longest_signature), strip(each.series, 'X'),
                        rate_of(each.rate), run_of(trend.runs[each.first]), run_of(trend.runs[each.last]));
    }
    if (text.empty()) return text;
    if (trend.signatures.size() > most_signatures)
        text += fmt::format("    and {} more with --json\n", trend.signatures.size() - most_signatures);
    return "  signatures\n" + text;
}

std::string change_lines(const Trend& trend)
{
    std::string text;
    const auto add = [&](const TrendSeries& series) {
        for (const auto& change : series.changes)
            text += fmt::format("    {}: {} -> {} from run {} on, p {:.1g}\n",
                                one_line(clean_text(series.id), longest_signature),
                                value_of(change.before, series.unit), value_of(change.after, series.unit),
                                run_of(trend.runs[change.at]), change.p);
    };
    add(trend.verdicts);
    for (const auto& series : trend.latencies) add(series);
    for (const auto& signature : trend.signatures) add(signature.series);
    return text.empty() ? "  change points: none\n" : "  change points\n" + text;
}

} // namespace

std::string sparkline(const TrendSeries& series, std::size_t width)
{
    constexpr std::array blocks{"\u2581", "\u2582", "\u2583", "\u2584",
                                "\u2585", "\u2586", "\u2587", "\u2588"};
    const auto values = narrowed(series.values, width);
    double lowest = 0, highest = 0;
    bool first = true;
    for (const auto& value : values) {
        if (!value) continue;
        lowest = first ? *value : std::min(lowest, *value);
        highest = first ? *value : std::max(highest, *value);
        first = false;
    }
    const bool marked = values.size() == series.values.size();
    std::string line;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const bool is_change = std::any_of(series.changes.begin(), series.changes.end(),
                                           [i](const TrendChange& change) { return change.at == i; });
        if (marked && is_change) line += '|';
        if (!values[i]) {
            line += "\u00b7";
            continue;
        }
        const auto share = highest > lowest ? (*values[i] - lowest) / (highest - lowest) : 0.0;
        line += blocks[static_cast<std::size_t>(share * static_cast<double>(blocks.size() - 1) + 0.5)];
    }
    return line;
}

std::string trend_text(const Trend& trend)
{
    const auto not_counted = static_cast<std::size_t>(
        std::count_if(trend.runs.begin(), trend.runs.end(), [](const TrendRun& run) { return !run.counts; }));
    auto text = fmt::format("{}: the last {} of {} stored runs\n", one_line(clean_text(trend.scenario), 60),
                            trend.runs.size(), trend.stored);
    text += fmt::format("  from {} to {}\n", run_of(trend.runs.front()), run_of(trend.runs.back()));
    text += fmt::format(
        "  verdicts     {}  (. passed, X failed, ? does not count: inconclusive, void, interrupted)\n",
        strip(trend.verdicts, 'X'));
    text += fmt::format("  flake rate   {}{}\n", rate_of(trend.failures),
                        not_counted == 0 ? "" : fmt::format("; {} more do not count", not_counted));
    if (!trend.verdicts.changes.empty())
        text += fmt::format("               {} since run {}\n", rate_of(trend.failures_since),
                            run_of(trend.runs[trend.verdicts.changes.back().at]));
    if (trend.replayed_plans > 0)
        text += fmt::format(
            "  same plan    {} of {} plans that were played again on the same build both passed and "
            "failed\n",
            trend.flaky_plans, trend.replayed_plans);
    if (trend.digests > 1)
        text += fmt::format(
            "  note         the scenario's content (users, journeys, target, ...) has changed: {} "
            "different ones\n",
            trend.digests);
    return text + latency_lines(trend) + signature_lines(trend) + change_lines(trend);
}

} // namespace wsrace
