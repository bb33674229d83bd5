// A search for the cold-start window as a person reads it: on a terminal, and in Markdown.
#include "reports/clean_text.hpp"
#include "reports/cold_start.hpp"
#include "reports/whole_file.hpp"

#include <fmt/format.h>

#include <utility>

namespace wsrace {

namespace {

std::string headline(const ColdStartReport& report)
{
    if (!report.windows.empty())
        return fmt::format("{} cold-start window{}", report.windows.size(),
                           report.windows.size() == 1 ? "" : "s");
    if (report.interrupted) return "interrupted before anything was found";
    return report.problem.empty() ? "no cold-start window" : "inconclusive";
}

std::string edge_text(const ColdStartEdge& edge)
{
    if (!edge.measured) return fmt::format("{} (end of the search)", offset_text(edge.at));
    return fmt::format("{} (95 %: {} to {})", offset_text(edge.at), offset_text(edge.low),
                       offset_text(edge.high));
}

std::string effort(const ColdStartReport& report)
{
    auto text = fmt::format("{} boots, {} users, {}", report.boots, grouped(report.users),
                            format_duration(std::chrono::duration_cast<std::chrono::seconds>(report.took)));
    if (report.failed_boots > 0)
        text += fmt::format("; the server did not come up in {} more", report.failed_boots);
    if (report.voided > 0) text += fmt::format("; {} users without an outcome", report.voided);
    if (report.interrupted) text += "; interrupted";
    if (!report.converged && !report.interrupted)
        text += "; the budget ended before the search did (--boots, --budget)";
    return text;
}

std::string hit_text(const ColdStartStretch& window, const ColdStartReport& report)
{
    const auto unit = report.rate == 1 ? "user" : "users";
    return fmt::format("{:.3g} at {:g} {} a second", users_hit(window, report), report.rate, unit);
}

std::string lie_text(const ColdStartReport& report)
{
    const auto& lie = *report.lie;
    return fmt::format("says ready at {}, users get {} until {} (seen in {} boots)", offset_text(lie.said_at),
                       phrase(lie.outcome), offset_text(lie.failed_until), lie.boots);
}

std::string isolated_text(const ColdStartReport& report)
{
    return fmt::format(
        "{} user{} failed outside of any window; tried again at the same offset, others did not",
        report.isolated_bad, report.isolated_bad == 1 ? "" : "s");
}

} // namespace

std::string cold_start_terminal(const ColdStartReport& report, bool colours)
{
    const auto paint = [colours](std::string_view code, const std::string& text) {
        return colours ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
    };
    const auto found = !report.windows.empty() || report.lie;
    const auto verdict = found                                           ? paint("31;1", "FAIL")
                         : report.problem.empty() && !report.interrupted ? paint("32;1", "PASS")
                                                                         : paint("33;1", "INCONCLUSIVE");
    auto out = fmt::format("{} {}  {}\n  {}\n", verdict, clean_text(report.scenario), headline(report),
                           effort(report));
    if (!report.problem.empty()) out += fmt::format("  {}\n", clean_text(report.problem));
    for (const auto& window : report.windows) {
        out += fmt::format("\n{}\n", paint("1", sentence(window, report)));
        out += fmt::format("  from {}, until {}\n  hits {}; {} of {} probes, {} boots\n",
                           edge_text(window.from), edge_text(window.until), hit_text(window, report),
                           window.alike, window.users, window.boots);
    }
    if (report.lie)
        out += fmt::format("\n{}: {}\n", paint("31;1", "readiness lie"), lie_text(report));
    else if (report.ready)
        out += fmt::format("\nsays ready at {}\n", offset_text(*report.ready));
    if (report.isolated_bad > 0) out += fmt::format("{}\n", isolated_text(report));
    out += fmt::format("\n{}{}\n", strip_text(report, colours), strip_legend(report));
    for (const auto& folder : report.kept) out += fmt::format("kept       {}\n", clean_text(folder));
    return out + fmt::format("Repeat     {}\n", clean_text(report.command));
}

std::string cold_start_markdown(const ColdStartReport& report)
{
    auto out = fmt::format("# Cold start of {}: {}\n\n{}.\n", clean_text(report.scenario), headline(report),
                           effort(report));
    if (!report.problem.empty()) out += fmt::format("\n{}\n", clean_text(report.problem));
    if (!report.windows.empty()) {
        out += "\n| window | from | until | users hit | probes | boots |\n|---|---|---|---|---|---|\n";
        for (const auto& window : report.windows)
            out += fmt::format("| {} | {} | {} | {} | {} of {} | {} |\n", sentence(window, report),
                               edge_text(window.from), edge_text(window.until), hit_text(window, report),
                               window.alike, window.users, window.boots);
    }
    if (report.lie)
        out += fmt::format("\n**Readiness lie**: {}.\n", lie_text(report));
    else if (report.ready)
        out += fmt::format("\nIt says ready at {}.\n", offset_text(*report.ready));
    if (report.isolated_bad > 0) out += fmt::format("\n{}.\n", isolated_text(report));
    out += fmt::format("\nWhat happens to a user who arrives, by offset after the {}:\n\n```\n{}{}\n```\n",
                       report.anchor == "spawn" ? "spawn" : "port opens", strip_text(report, false),
                       strip_legend(report));
    out += "\n| from | until | outcome | probes | boots |\n|---|---|---|---|---|\n";
    for (const auto& stretch : report.stretches)
        out += fmt::format("| {} | {} | {} | {} of {} | {} |\n", offset_text(stretch.from.at),
                           offset_text(stretch.until.at), phrase(stretch.outcome), stretch.alike,
                           stretch.users, stretch.boots);
    return out + fmt::format("\nRepeat: `{}`\n", clean_text(report.command));
}

void write_cold_start(const std::filesystem::path& folder, const ColdStartReport& report)
{
    std::filesystem::create_directories(folder);
    write_whole(folder / "coldstart.json", cold_start_json(report));
    write_whole(folder / "coldstart.md", cold_start_markdown(report));
    write_whole(folder / "report.html", cold_start_html(report));
}

} // namespace wsrace
