// What a person sees when a run ends: the verdict first, then what explains it, on one screen.
#include "reports/clean_text.hpp"
#include "reports/evidence.hpp"
#include "reports/prepared.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wsrace {

namespace {

constexpr std::size_t screen_lines = 40;
constexpr std::size_t width = 110;
constexpr std::size_t lines_per_group = 3;
constexpr std::size_t fewest_groups = 2; // even where that takes more than a screen
constexpr std::size_t most_groups = 8;
constexpr std::size_t most_rows = 12; // of service levels, and of latencies

using Lines = std::vector<std::string>;

// Puts colour around words, if colours are wanted at all.
class Painter {
public:
    explicit Painter(bool colours) : colours_{colours} {}
    std::string red(const std::string& text) const { return paint("31;1", text); }
    std::string green(const std::string& text) const { return paint("32;1", text); }
    std::string yellow(const std::string& text) const { return paint("33;1", text); }
    std::string bold(const std::string& text) const { return paint("1", text); }

    std::string by_verdict(Verdict verdict, const std::string& text) const
    {
        if (verdict == Verdict::fail) return red(text);
        return verdict == Verdict::pass ? green(text) : yellow(text);
    }
    std::string by_level(Level level, const std::string& text) const
    {
        if (level == Level::critical) return red(text);
        return level == Level::pass ? green(text) : yellow(text);
    }

private:
    std::string paint(std::string_view code, const std::string& text) const
    {
        return colours_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
    }
    bool colours_;
};

std::string more(std::size_t count, std::string_view what)
{
    return fmt::format("  and {} more {} in verdict.json", count, what);
}

Lines head(const PreparedReport& report, const Painter& painter)
{
    const auto& info = report.info;
    Lines lines;
    lines.push_back(fmt::format("{}  {}", painter.by_verdict(report.verdict.verdict, headline(report)),
                                one_line(report.verdict.summary, width)));
    lines.push_back(fmt::format("  {}, {}", counts_text(report.verdict.counts),
                                format_duration(report.history.duration())));
    lines.push_back(fmt::format("  target {}, seed {}, run {}", one_line(info.target, 60), info.seed,
                                to_string(info.run)));
    if (info.interrupted) lines.push_back(painter.yellow("  interrupted: what was recorded until then"));
    if (info.truncated)
        lines.push_back(painter.yellow("  the history is torn: the harness was killed, or the disk is full"));
    return lines;
}

Lines violations(const PreparedReport& report, const Painter& painter, std::size_t room)
{
    if (report.groups.empty()) return {};
    const auto shown =
        std::min(std::clamp(room / lines_per_group, fewest_groups, most_groups), report.groups.size());
    Lines lines{"", painter.bold("Violations")};
    for (std::size_t i = 0; i < shown; ++i) {
        const auto& group = report.groups[i];
        const auto& first = *group.violations.front();
        lines.push_back(fmt::format("{:>6}x {}  ({} users)", group.count,
                                    painter.red(one_line(group.signature, width - 24)), group.users));
        const auto place = fmt::format("{}, {}", seconds_text(first.at), who(first));
        lines.push_back(fmt::format("        {}: {}", place, one_line(first.message, width)));
        lines.push_back(fmt::format("        expected: {}", one_line(first.expected, width - 18)));
    }
    if (report.groups.size() > shown) lines.push_back(more(report.groups.size() - shown, "signatures"));
    return lines;
}

Lines service_levels(const PreparedReport& report, const Painter& painter)
{
    Lines lines;
    for (const auto& metric : report.verdict.metrics) {
        if (metric.level == Level::not_judged) continue;
        const auto level = painter.by_level(metric.level, fmt::format("{:<12}", name(metric.level)));
        lines.push_back(fmt::format("  {} {:<18} {:<28} {}", level, one_line(metric.id, 18),
                                    value_text(metric), one_line(metric.explanation, 60)));
    }
    if (lines.empty()) return {};
    if (lines.size() > most_rows) {
        const auto left_out = lines.size() - most_rows;
        lines.resize(most_rows);
        lines.push_back(more(left_out, "service levels"));
    }
    lines.insert(lines.begin(), {"", painter.bold("Service levels")});
    return lines;
}

Lines latencies(const PreparedReport& report, const Painter& painter)
{
    constexpr auto row = "  {:<12} {:>9} {:>10} {:>10} {:>10} {:>10} {:>10} {:>10}";
    Lines lines;
    for (const auto& latency : report.verdict.latencies) {
        if (latency.count == 0) continue;
        lines.push_back(fmt::format(row, one_line(latency.id, 12), grouped(latency.count),
                                    format_duration(latency.p50), format_duration(latency.p90),
                                    format_duration(latency.p95), format_duration(latency.p99),
                                    format_duration(latency.p999), format_duration(latency.max)));
    }
    if (lines.empty()) return {};
    if (lines.size() > most_rows) lines.resize(most_rows);
    const auto title = fmt::format(row, "Latencies", "n", "p50", "p90", "p95", "p99", "p99.9", "max");
    lines.insert(lines.begin(), {"", painter.bold(title.substr(2) + "  ").substr(0)});
    return lines;
}

std::string check_line(const CheckResult& check, const Painter& painter)
{
    const auto verdict = painter.by_verdict(check.verdict, fmt::format("{:<12}", name(check.verdict)));
    const auto detail = check.verdict == Verdict::fail
                            ? fmt::format("{} violations", grouped(check.violation_count))
                            : one_line(check.reason, 60);
    return fmt::format("  {} {:<18} {:<22} {}", verdict, check.id, sample_text(check), detail);
}

// Cells side by side where they fit, one below the other where they do not.
void put_cells(Lines& lines, const std::string& label, const std::vector<std::string>& cells)
{
    constexpr std::size_t cell_width = 33;
    std::string line;
    std::size_t used = 0;
    for (const auto& cell : cells) {
        if (used + cell.size() > width - 15 && used > 0) {
            lines.push_back("  " + label + line);
            line.clear();
            used = 0;
        }
        const auto columns = (cell.size() + 1 + cell_width) / cell_width * cell_width;
        line += fmt::format(" {:<{}}", cell, columns - 1);
        used += columns;
    }
    if (!line.empty()) lines.push_back("  " + label + line);
    for (auto& text : lines) text.erase(text.find_last_not_of(' ') + 1);
}

// What failed or could not be judged gets a line of its own; the rest is compact.
Lines checks(const PreparedReport& report, const Painter& painter)
{
    if (report.verdict.checks.empty()) return {};
    Lines lines{"", painter.bold("Checks")};
    std::vector<std::string> passed;
    std::vector<std::string> skipped;
    for (const auto& check : report.verdict.checks) {
        if (check.verdict == Verdict::pass)
            passed.push_back(fmt::format("{:<17} {}", check.id, sample_text(check)));
        else if (check.verdict == Verdict::skipped)
            skipped.push_back(fmt::format("{}: {}", check.id, one_line(check.reason, 70)));
        else
            lines.push_back(check_line(check, painter));
    }
    Lines compact;
    put_cells(compact, painter.green(fmt::format("{:<12}", "pass")), passed);
    put_cells(compact, painter.yellow(fmt::format("{:<12}", "skipped")), skipped);
    lines.insert(lines.end(), compact.begin(), compact.end());
    return lines;
}

Lines foot(const PreparedReport& report, const Painter& painter)
{
    return {"", fmt::format("{}     {}", painter.bold("Repeat"), one_line(report.info.command, 4000)),
            fmt::format("{}  {}: verdict.json, junit.xml, summary.md", painter.bold("Artefacts"),
                        one_line(report.out, 200))};
}

} // namespace

std::string terminal_summary(const ReportInput& input, bool colours)
{
    const PreparedReport report{input};
    const Painter painter{colours};
    std::vector<Lines> parts{head(report, painter),           {},
                             service_levels(report, painter), latencies(report, painter),
                             checks(report, painter),         foot(report, painter)};
    std::size_t used = 3; // the heading of the violations, and what is left out of them
    for (const auto& part : parts) used += part.size();
    parts[1] = violations(report, painter, used < screen_lines ? screen_lines - used : 0);
    std::string text;
    for (const auto& part : parts)
        for (const auto& line : part) text.append(line).append("\n");
    return text;
}

} // namespace wsrace
