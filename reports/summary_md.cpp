// For a pull request's comment or a job's summary: GitHub-flavoured Markdown, which GitLab reads as well.
#include "reports/clean_text.hpp"
#include "reports/evidence.hpp"
#include "reports/markdown.hpp"
#include "reports/prepared.hpp"
#include "reports/target_usage.hpp"

#include <fmt/format.h>

namespace wsrace {

namespace {

using namespace markdown;

// A comment holds 65 536 characters; what these limits let through stays below that.
constexpr std::size_t shown_groups = 20;
constexpr std::size_t shown_evidence = 6;
constexpr std::size_t longest_command = 4000;

std::string head(const PreparedReport& report)
{
    auto text =
        fmt::format("## wsrace: {}\n\n{}\n\n", escape(headline(report)), escape(report.verdict.summary));
    text += fmt::format("{}; target {}, seed `{}`.\n", volume_text(report), code(report.info.target),
                        report.info.seed);
    if (report.info.interrupted) text += "\n**Interrupted**: this is what was recorded until then.\n";
    if (report.info.truncated) text += "\n**The history is not complete**: this is what could be read.\n";
    return text;
}

// What is there for those who look for it.
std::string folded(std::string_view title, const std::string& text)
{
    return fmt::format("\n<details>\n<summary>{}</summary>\n{}\n</details>\n", title, text);
}

std::string checks_table(const std::vector<const CheckResult*>& checks)
{
    std::string text = "\n| check | verdict | judged | violations | |\n|---|---|---:|---:|---|\n";
    for (const auto* check : checks) {
        const bool calm = check->verdict == Verdict::pass || check->verdict == Verdict::skipped;
        const auto verdict =
            calm ? std::string{name(check->verdict)} : fmt::format("**{}**", name(check->verdict));
        text += fmt::format("| {} | {} | {} | {} | {} |\n", cell(check->id), verdict,
                            escape(sample_text(*check)), check->violation_count, cell(check->reason));
    }
    return text;
}

// Those that failed or could not judge are seen at once.
std::string checks(const PreparedReport& report)
{
    std::vector<const CheckResult*> telling;
    std::vector<const CheckResult*> others;
    std::size_t skipped = 0;
    for (const auto& check : report.verdict.checks) {
        const bool calm = check.verdict == Verdict::pass || check.verdict == Verdict::skipped;
        (calm ? others : telling).push_back(&check);
        if (check.verdict == Verdict::skipped) ++skipped;
    }
    std::string text;
    if (!telling.empty()) text += checks_table(telling);
    if (others.empty()) return text;
    const auto title = fmt::format("{} checks passed, {} skipped", others.size() - skipped, skipped);
    return text + folded(title, checks_table(others));
}

std::string evidence(const PreparedReport& report, const Violation& violation)
{
    std::string lines;
    std::size_t shown = 0;
    for (const auto position : violation.evidence) {
        if (position >= report.history.events.size() || ++shown > shown_evidence) continue;
        lines += fmt::format("{}{:>10}  {}", lines.empty() ? "" : "\n",
                             seconds_text(report.history.events[position].at),
                             event_line(report.history, position));
    }
    return lines.empty() ? lines : "\n" + block("text", lines);
}

std::string violations(const PreparedReport& report)
{
    if (report.groups.empty()) return {};
    std::string text = "\n### Violations\n";
    for (std::size_t i = 0; i < report.groups.size() && i < shown_groups; ++i) {
        const auto& group = report.groups[i];
        const auto& first = *group.violations.front();
        text += fmt::format("\n**{}:** {}\n\n", how_often(group), code(group.signature));
        text += fmt::format("- at {}, {}: {}\n", seconds_text(first.at), who(first), code(first.message));
        text += fmt::format("- expected: {}\n", code(first.expected));
        if (i < shown_groups / 2) text += evidence(report, first);
    }
    if (report.groups.size() > shown_groups)
        text +=
            fmt::format("\nAnd {} more signatures in `verdict.json`.\n", report.groups.size() - shown_groups);
    return text;
}

std::string metrics(const PreparedReport& report)
{
    if (report.verdict.metrics.empty()) return {};
    std::string text =
        "\n### Service levels\n\n| level | metric | value | samples | |\n|---|---|---|---:|---|\n";
    for (const auto& metric : report.verdict.metrics)
        text +=
            fmt::format("| {} | {} | {} | {} | {} |\n", name(metric.level), cell(metric.id),
                        escape(value_text(metric)), grouped(metric.sample_size), escape(metric.explanation));
    return text;
}

std::string latencies(const PreparedReport& report)
{
    if (report.verdict.latencies.empty()) return {};
    std::string text = "\n| | n | p50 | p95 | p99 | max |\n|---|---:|---:|---:|---:|---:|\n";
    for (const auto& latency : report.verdict.latencies)
        if (latency.count > 0)
            text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", cell(latency.id), grouped(latency.count),
                                format_duration(latency.p50), format_duration(latency.p95),
                                format_duration(latency.p99), format_duration(latency.max));
    return folded("Latencies", text);
}

std::string schedule(const PreparedReport& report)
{
    if (report.verdict.schedule.empty()) return {};
    std::string text = "\n### Gates and constraints\n\n| result | | p50 | p99 | max | tolerance | |\n"
                       "|---|---|---:|---:|---:|---:|---|\n";
    for (const auto& one : report.verdict.schedule)
        text += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", name(one.result), cell(one.text),
                            format_duration(one.p50), format_duration(one.p99), format_duration(one.max),
                            format_duration(one.tolerance), escape(one.explanation));
    return text;
}

std::string usage(const PreparedReport& report)
{
    std::string text;
    for (const auto& one : target_usage(report.history))
        text += fmt::format("- instance {}: {}\n", one.instance, usage_text(one));
    return text.empty() ? text : "\n### Target\n\n" + text;
}

} // namespace

std::string summary_markdown(const ReportInput& input)
{
    const PreparedReport report{input};
    return head(report) + checks(report) + violations(report) + metrics(report) + latencies(report) +
           schedule(report) + usage(report) + "\n### Repeat\n\n" +
           block("sh", one_line(report.info.command, longest_command));
}

} // namespace wsrace
