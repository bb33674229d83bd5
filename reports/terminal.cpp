// What a person sees when a run ends: the verdict first, then what explains it, on one screen.
#include "reports/clean_text.hpp"
#include "reports/evidence.hpp"
#include "reports/prepared.hpp"
#include "reports/target_usage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace wsrace {

namespace {

constexpr std::size_t most_instances = 4; // whose usage is shown
constexpr std::size_t lines_per_group = 3;
constexpr std::size_t most_groups = 8;
constexpr std::size_t most_rows = 12;           // of service levels, and of latencies
constexpr std::size_t compact_rows = 2;         // of what did not pass, where the screen has no room for all
constexpr std::size_t longest_command = 20'000; // a command that was cut would repeat something else

using Lines = std::vector<std::string>;

// How a part is written: `compact` where the screen has no room for all of it.
struct Style {
    std::size_t width;
    bool compact = false;
};

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

// The text on two lines at most, parted at a blank where there is one.
Lines wrapped(const std::string& text, std::size_t width)
{
    auto line = one_line(text, 2 * width - 20);
    if (line.size() <= width) return {line};
    auto blank = line.rfind(' ', width);
    if (blank == std::string::npos || blank < width / 2) return {line}; // it is cut
    return {line.substr(0, blank), line.substr(blank + 1)};
}

Lines head(const PreparedReport& report, const Painter& painter, std::size_t width)
{
    const auto& info = report.info;
    Lines lines;
    const auto verdict = headline(report);
    const auto painted = painter.by_verdict(report.verdict.verdict, verdict);
    const auto summary = wrapped(report.verdict.summary, width - 2);
    if (summary.size() == 1 && verdict.size() + 2 + summary[0].size() <= width) {
        lines.push_back(painted + "  " + summary[0]);
    } else {
        lines.push_back(painted);
        for (const auto& line : summary) lines.push_back("  " + line);
    }
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

Lines violations(const PreparedReport& report, const Painter& painter, std::size_t width, std::size_t room)
{
    if (report.groups.empty()) return {};
    // The heading and the line that says how many are left out take two.
    const auto most = std::clamp(room > 2 ? (room - 2) / lines_per_group : 0, std::size_t{1}, most_groups);
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
void put_flowing(Lines& lines, std::string label, const Lines& items, std::size_t width)
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

Lines service_levels(const PreparedReport& report, const Painter& painter, const Style& style)
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
        else if (lines.size() > (style.compact ? compact_rows : most_rows))
            ++left_out;
        else
            lines.push_back(fmt::format("  {} {:<18} {:<28} {}", level, id, value_text(metric),
                                        one_line(metric.explanation, 60)));
    }
    if (left_out > 0) lines.push_back(more(left_out, "service levels"));
    put_flowing(lines, painter.green(fmt::format("{:<12}", "pass")), passed, style.width);
    return lines.size() > 1 ? lines : Lines{};
}

// All of them on one line or two.
Lines latencies_in_brief(const PreparedReport& report, const Painter& painter, std::size_t width)
{
    Lines items;
    for (const auto& latency : report.verdict.latencies)
        if (latency.count > 0)
            items.push_back(fmt::format("{} {}", one_line(latency.id, 18), format_duration(latency.p95)));
    Lines lines;
    put_flowing(lines, painter.bold(fmt::format("{:<12}", "p95")), items, width);
    if (!lines.empty()) lines.front().erase(0, 2); // a heading of its own
    return lines;
}

Lines latencies(const PreparedReport& report, const Painter& painter, const Style& style)
{
    if (style.compact) return latencies_in_brief(report, painter, style.width);
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

Lines schedule(const PreparedReport& report, const Painter& painter, const Style& style)
{
    Lines lines{painter.bold("Gates and constraints")};
    for (const auto& one : report.verdict.schedule) {
        if (lines.size() > (style.compact ? 1 : most_rows)) break;
        if (style.compact && one.result == Punctuality::Result::kept) continue;
        lines.push_back(fmt::format("  {} {}", by_result(one, painter), one_line(one.text, 60)));
        lines.push_back(fmt::format("        p50 {}, p99 {}, max {}; {}", format_duration(one.p50),
                                    format_duration(one.p99), format_duration(one.max),
                                    one_line(one.explanation, style.width)));
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
Lines checks(const PreparedReport& report, const Painter& painter, const Style& style)
{
    Lines lines{painter.bold("Checks")};
    Lines passed;
    Lines skipped;
    std::size_t left_out = 0;
    for (const auto& check : report.verdict.checks) {
        if (check.verdict == Verdict::pass)
            passed.push_back(fmt::format("{} ({})", check.id, sample_text(check)));
        else if (check.verdict == Verdict::skipped)
            skipped.push_back(fmt::format("{} ({})", check.id, one_line(check.reason, 60)));
        else if (style.compact && lines.size() > compact_rows)
            ++left_out;
        else
            lines.push_back(check_line(check, painter));
    }
    if (left_out > 0) lines.push_back(more(left_out, "checks"));
    if (style.compact) {
        lines.push_back(fmt::format("  {} {} checks, {} skipped",
                                    painter.green(fmt::format("{:<12}", "pass")), passed.size(),
                                    skipped.size()));
        return lines;
    }
    put_flowing(lines, painter.green(fmt::format("{:<12}", "pass")), passed, style.width);
    put_flowing(lines, painter.yellow(fmt::format("{:<12}", "skipped")), skipped, style.width);
    return lines.size() > 1 ? lines : Lines{};
}

Lines foot(const ReportInput& input, const PreparedReport& report, const Painter& painter, std::size_t width)
{
    const auto folder = one_line(report.out, 200);
    Lines lines;
    const auto usages = target_usage(report.history);
    for (const auto& usage : usages) {
        const auto which = usages.size() == 1 ? std::string{} : fmt::format("instance {}: ", usage.instance);
        lines.push_back(fmt::format("{}     {}{}", painter.bold("Target"), which, usage_text(usage)));
        if (lines.size() == most_instances) break;
    }
    lines.push_back(
        fmt::format("{}     {}", painter.bold("Repeat"), one_line(report.info.command, longest_command)));
    const auto names = artefact_names(input);
    const auto label = painter.bold("Artefacts");
    if (11 + folder.size() + 2 + names.size() <= width) {
        lines.push_back(fmt::format("{}  {}: {}", label, folder, names));
    } else {
        lines.push_back(fmt::format("{}  {}:", label, folder));
        for (const auto& line : wrapped(names, width - 11)) lines.push_back(std::string(11, ' ') + line);
    }
    return lines;
}

// How many lines of the screen a line takes, colours aside.
std::size_t rows_of(const std::string& line, std::size_t columns)
{
    std::size_t seen = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\x1b')
            i = line.find('m', i);
        else if ((static_cast<unsigned char>(line[i]) & 0xC0U) != 0x80)
            ++seen;
    }
    return std::max<std::size_t>(1, (seen + columns - 1) / columns);
}

// The line within the screen's width; colours that it began are ended.
std::string cut_to(const std::string& line, std::size_t columns)
{
    if (rows_of(line, columns) == 1) return line;
    std::string out;
    std::size_t seen = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\x1b') {
            const auto end = line.find('m', i);
            out.append(line, i, end + 1 - i);
            i = end;
            continue;
        }
        if ((static_cast<unsigned char>(line[i]) & 0xC0U) != 0x80 && ++seen > columns - 3) break;
        out += line[i];
    }
    return out + "..." + (out.find('\x1b') == std::string::npos ? "" : "\x1b[0m");
}

// The parts of the summary, from top to bottom, as far as the screen has room for them.
class Page {
public:
    Page(const ReportInput& input, const Screen& screen)
        : report_{input}, painter_{screen.colours}, screen_{screen}, foot_{foot(input, report_, painter_,
                                                                                screen.columns)}
    {
        for (const auto& line : foot_) foot_rows_ += rows_of(line, screen.columns);
    }

    std::string text()
    {
        Lines parts[] = {head(report_, painter_, screen_.columns),
                         {},
                         middle(0, false),
                         middle(1, false),
                         middle(2, false),
                         middle(3, false)};
        // What explains a failure least is folded first. All of it is in the other reports; what went wrong,
        // and how to repeat it, stays.
        for (const std::size_t part : {1U, 3U, 0U, 2U})
            if (rows(parts) + wanted(2) > screen_.lines) parts[2 + part] = middle(part, true);
        for (const std::size_t part : {1U, 2U})
            if (rows(parts) + wanted(2) > screen_.lines) parts[2 + part].clear();
        for (const std::size_t part : {0U, 3U})
            if (rows(parts) + wanted(1) > screen_.lines) parts[2 + part].clear();
        const auto used = rows(parts);
        parts[1] =
            violations(report_, painter_, screen_.columns, screen_.lines > used ? screen_.lines - used : 0);
        const auto blank = rows(parts) + std::size(parts) <= screen_.lines; // air, where the screen has it
        std::string text;
        for (const auto& part : parts) put(text, part, blank, screen_.columns);
        put(text, foot_, blank, 0);
        return text;
    }

private:
    // Service levels, latencies, schedule, checks.
    Lines middle(std::size_t part, bool compact) const
    {
        constexpr std::array parts{service_levels, latencies, schedule, checks};
        return parts[part](report_, painter_, Style{screen_.columns, compact});
    }

    template <std::size_t n>
    std::size_t rows(const Lines (&parts)[n]) const
    {
        std::size_t sum = foot_rows_;
        for (const auto& part : parts) sum += part.size();
        return sum;
    }

    // Lines for so many kinds of violations, and for how many more there are.
    std::size_t wanted(std::size_t most) const
    {
        const auto groups = std::min<std::size_t>(report_.groups.size(), most);
        return groups == 0 ? 0 : 1 + groups * lines_per_group + (report_.groups.size() > groups ? 1 : 0);
    }

    static void put(std::string& text, const Lines& part, bool blank, std::size_t columns)
    {
        if (blank && !text.empty() && !part.empty()) text += '\n';
        for (const auto& line : part) text.append(columns == 0 ? line : cut_to(line, columns)).append("\n");
    }

    PreparedReport report_;
    Painter painter_;
    Screen screen_;
    Lines foot_;
    std::size_t foot_rows_ = 0;
};

} // namespace

std::string terminal_summary(const ReportInput& input, const Screen& screen)
{
    return Page{input, screen}.text();
}

} // namespace wsrace
