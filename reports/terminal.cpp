// What a person sees when a run ends: the verdict first, then what explains it, on one screen.
#include "reports/clean_text.hpp"
#include "reports/evidence.hpp"
#include "reports/prepared.hpp"
#include "reports/target_usage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace wsrace {

namespace {

constexpr std::size_t most_instances = 4; // whose usage is shown
constexpr std::size_t screen_lines = 40;
constexpr std::size_t width = 110;
constexpr std::size_t lines_per_group = 3;
constexpr std::size_t fewest_groups = 2; // even where that takes more than a screen
constexpr std::size_t most_groups = 8;
constexpr std::size_t most_rows = 12;           // of service levels, and of latencies
constexpr std::size_t longest_command = 20'000; // a command that was cut would repeat something else

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
    const auto verdict = headline(report);
    const auto summary = one_line(report.verdict.summary, 2 * width);
    const auto* const between = verdict.size() + 2 + summary.size() <= width ? "  " : "\n  ";
    lines.push_back(painter.by_verdict(report.verdict.verdict, verdict) + between + summary);
    lines.push_back(fmt::format("  {}; target {}, seed {}, run {}", volume_text(report),
                                one_line(info.target, 60), info.seed, to_string(info.run)));
    if (info.interrupted) lines.push_back(painter.yellow("  interrupted: what was recorded until then"));
    if (info.truncated)
        lines.push_back(
            painter.yellow("  the history is not complete: the harness was killed, or the disk is full"));
    return lines;
}

// Most checks name who it was in their message already.
std::string place(const Violation& violation)
{
    const auto who_it_was = who(violation);
    const bool named =
        violation.connection && violation.message.find(to_string(violation.connection->user)) == 0;
    return named ? seconds_text(violation.at) : fmt::format("{}, {}", seconds_text(violation.at), who_it_was);
}

std::string users_text(const SignatureGroup& group)
{
    if (group.users == 0) return {};
    return fmt::format("  ({} {})", group.users, group.users == 1 ? "user" : "users");
}

Lines violations(const PreparedReport& report, const Painter& painter, std::size_t room)
{
    if (report.groups.empty()) return {};
    const auto most = std::clamp(room / lines_per_group, fewest_groups, most_groups);
    const auto shown = std::min(most, report.groups.size());
    Lines lines{painter.bold("Violations")};
    for (std::size_t i = 0; i < shown; ++i) {
        const auto& group = report.groups[i];
        const auto& first = *group.violations.front();
        const auto signature = painter.red(one_line(group.signature, width - 24));
        lines.push_back(fmt::format("{:>6}x {}{}", group.count, signature, users_text(group)));
        lines.push_back(fmt::format("        {}: {}", place(first), one_line(first.message, width)));
        lines.push_back(fmt::format("        expected: {}", one_line(first.expected, width - 18)));
    }
    if (report.groups.size() > shown) lines.push_back(more(report.groups.size() - shown, "signatures"));
    return lines;
}

// As many items a line as fit, the lines below the label aligned.
void put_flowing(Lines& lines, std::string label, const Lines& items)
{
    constexpr std::size_t indent = 15;
    const std::string no_label(indent - 3, ' ');
    std::string line;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto item = items[i] + (i + 1 < items.size() ? "," : "");
        if (!line.empty() && line.size() + 1 + item.size() > width - indent) {
            lines.push_back(fmt::format("  {} {}", std::exchange(label, no_label), line));
            line.clear();
        }
        line += (line.empty() ? "" : " ") + item;
    }
    if (!line.empty()) lines.push_back(fmt::format("  {} {}", label, line));
}

Lines service_levels(const PreparedReport& report, const Painter& painter)
{
    Lines lines{painter.bold("Service levels")};
    Lines passed;
    std::size_t left_out = 0;
    for (const auto& metric : report.verdict.metrics) {
        if (metric.level == Level::not_judged) continue;
        const auto id = one_line(metric.id, 18);
        const auto level = painter.by_level(metric.level, fmt::format("{:<12}", name(metric.level)));
        if (metric.level == Level::pass)
            passed.push_back(fmt::format("{} {}", id, value_text(metric)));
        else if (lines.size() > most_rows)
            ++left_out;
        else
            lines.push_back(fmt::format("  {} {:<18} {:<28} {}", level, id, value_text(metric),
                                        one_line(metric.explanation, 60)));
    }
    if (left_out > 0) lines.push_back(more(left_out, "service levels"));
    put_flowing(lines, painter.green(fmt::format("{:<12}", "pass")), passed);
    return lines.size() > 1 ? lines : Lines{};
}

Lines latencies(const PreparedReport& report, const Painter& painter)
{
    const auto row = [](std::string_view id, const auto&... columns) {
        std::string line = fmt::format("{:<14}", id);
        ((line += fmt::format(" {:>10}", columns)), ...);
        return line;
    };
    Lines lines{painter.bold(row("Latencies", "n", "p50", "p90", "p95", "p99", "p99.9", "max"))};
    for (const auto& latency : report.verdict.latencies) {
        if (latency.count == 0 || lines.size() > most_rows) continue;
        lines.push_back(row("  " + one_line(latency.id, 12), grouped(latency.count),
                            format_duration(latency.p50), format_duration(latency.p90),
                            format_duration(latency.p95), format_duration(latency.p99),
                            format_duration(latency.p999), format_duration(latency.max)));
    }
    return lines.size() > 1 ? lines : Lines{};
}

std::string by_result(const Punctuality& one, const Painter& painter)
{
    const auto result = fmt::format("{:<12}", name(one.result));
    return one.result == Punctuality::Result::kept ? painter.green(result) : painter.yellow(result);
}

Lines schedule(const PreparedReport& report, const Painter& painter)
{
    Lines lines{painter.bold("Gates and constraints")};
    for (const auto& one : report.verdict.schedule) {
        if (lines.size() > most_rows) break;
        lines.push_back(fmt::format("  {} {}", by_result(one, painter), one_line(one.text, 60)));
        lines.push_back(fmt::format("        p50 {}, p99 {}, max {}; {}", format_duration(one.p50),
                                    format_duration(one.p99), format_duration(one.max),
                                    one_line(one.explanation, width)));
    }
    return lines.size() > 1 ? lines : Lines{};
}

std::string check_line(const CheckResult& check, const Painter& painter)
{
    const auto verdict = painter.by_verdict(check.verdict, fmt::format("{:<12}", name(check.verdict)));
    const auto detail = check.verdict == Verdict::fail
                            ? fmt::format("{} violations", grouped(check.violation_count))
                            : one_line(check.reason, 60);
    return fmt::format("  {} {:<18} {:<22} {}", verdict, check.id, sample_text(check), detail);
}

// What failed or could not be judged gets a line of its own; the rest is compact.
Lines checks(const PreparedReport& report, const Painter& painter)
{
    Lines lines{painter.bold("Checks")};
    Lines passed;
    Lines skipped;
    for (const auto& check : report.verdict.checks) {
        if (check.verdict == Verdict::pass)
            passed.push_back(fmt::format("{} ({})", check.id, sample_text(check)));
        else if (check.verdict == Verdict::skipped)
            skipped.push_back(fmt::format("{} ({})", check.id, one_line(check.reason, 60)));
        else
            lines.push_back(check_line(check, painter));
    }
    put_flowing(lines, painter.green(fmt::format("{:<12}", "pass")), passed);
    put_flowing(lines, painter.yellow(fmt::format("{:<12}", "skipped")), skipped);
    return lines.size() > 1 ? lines : Lines{};
}

Lines foot(const ReportInput& input, const PreparedReport& report, const Painter& painter)
{
    const auto folder = one_line(report.out, 200);
    Lines lines;
    const auto usages = target_usage(report.history);
    for (const auto& usage : usages) {
        const auto which = usages.size() == 1 ? std::string{} : fmt::format("instance {}: ", usage.instance);
        lines.push_back(fmt::format("{}     {}{}", painter.bold("Target"), which, usage_text(usage)));
        if (lines.size() == most_instances) break;
    }
    const Lines rest{
        fmt::format("{}     {}", painter.bold("Repeat"), one_line(report.info.command, longest_command)),
        fmt::format("{}  {}: {}", painter.bold("Artefacts"), folder, artefact_names(input))};
    lines.insert(lines.end(), rest.begin(), rest.end());
    return lines;
}

} // namespace

std::string terminal_summary(const ReportInput& input, bool colours)
{
    const PreparedReport report{input};
    const Painter painter{colours};
    std::vector<Lines> parts{head(report, painter),           {},
                             service_levels(report, painter), latencies(report, painter),
                             schedule(report, painter),       checks(report, painter),
                             foot(input, report, painter)};
    std::size_t used = 2; // the heading of the violations, and the line that says how many are left out
    for (const auto& part : parts) used += part.size();
    parts[1] = violations(report, painter, used < screen_lines ? screen_lines - used : 0);
    used += parts[1].size() + parts.size();
    const std::string gap =
        used <= screen_lines ? "\n" : ""; // air between the parts, where the screen has it
    std::string text;
    for (const auto& part : parts) {
        if (!text.empty() && !part.empty()) text += gap;
        for (const auto& line : part) text.append(line).append("\n");
    }
    return text;
}

} // namespace wsrace
