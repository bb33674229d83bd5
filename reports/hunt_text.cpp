// A hunt as a person reads it: on a terminal, and in Markdown.
#include "core/verdict.hpp"
#include "reports/clean_text.hpp"
#include "reports/coverage_heat_map.hpp"
#include "reports/hunt.hpp"
#include "reports/markdown.hpp"
#include "reports/whole_file.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wsrace {

namespace {

constexpr std::size_t shown_elements = 12;
constexpr std::size_t shown_failures = 8;

std::string counted(std::uint64_t count, std::string_view one)
{
    return fmt::format("{} {}{}", grouped(count), one, count == 1 ? "" : "s");
}

std::size_t races_in(const HuntReport& report)
{
    return static_cast<std::size_t>(
        std::count_if(report.failures.begin(), report.failures.end(),
                      [](const FoundFailure& failure) { return failure.is_race; }));
}

std::string headline(const HuntReport& report)
{
    const auto races = races_in(report);
    const auto errors = report.failures.size() - races;
    if (races > 0 && errors > 0)
        return fmt::format("{}, and {} without one", counted(races, "race"), counted(errors, "error"));
    if (races > 0) return counted(races, "race");
    if (errors > 0) return fmt::format("{} that needs no race", counted(errors, "error"));
    if (report.interrupted) return "interrupted before anything failed";
    return report.problem.empty() ? "nothing failed" : "inconclusive";
}

std::string effort(const HuntReport& report)
{
    auto text = fmt::format("{} in {}, {} failed", counted(report.executions, "execution"),
                            format_duration(std::chrono::duration_cast<std::chrono::seconds>(report.took)),
                            grouped(report.failed));
    if (report.voided > 0)
        text += fmt::format(", {} void (the harness was not on time: they prove nothing)",
                            grouped(report.voided));
    return text + (report.interrupted ? "; interrupted" : "");
}

// A race that comes with an error of the application may be no more than what others see of that.
std::string kind(const HuntReport& report, const FoundFailure& failure)
{
    if (!failure.is_race) return " (one user at a time shows it, too: an error of the application, no race)";
    for (const auto& other : report.failures) {
        const auto comes_with_it =
            std::any_of(failure.also_seen.begin(), failure.also_seen.end(),
                        [&](const auto& seen) { return seen.first == other.signature; });
        if (!other.is_race && comes_with_it)
            return fmt::format(" (perhaps a consequence of {}, which needs no race: mend that first)",
                               clean_text(other.signature));
    }
    return {};
}

std::string also(const FoundFailure& failure)
{
    std::string text;
    for (const auto& [symptom, count] : failure.also_seen)
        text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", clean_text(symptom), count);
    return text;
}

// "in 3 executions, first in execution 12"
std::string when_seen(const FoundFailure& failure)
{
    if (failure.count == 0) return "before the search only, with one user at a time";
    return fmt::format("in {}, first in execution {}", counted(failure.count, "execution"),
                       failure.first_execution);
}

std::string left(const Reproducer& reproducer)
{
    return fmt::format("{} of {} left", reproducer.elements.size(),
                       counted(reproducer.elements_before, "element"));
}

// Empty, or why what is left may be larger, or fail more seldom, than it says.
std::string doubt(const Reproducer& reproducer)
{
    if (!reproducer.finished)
        return fmt::format("Not finished: `wsrace shrink {}` goes on", clean_text(reproducer.folder));
    if (reproducer.confirmed) return {};
    return fmt::format("Not confirmed with fresh plays yet: `wsrace shrink {}` goes on",
                       clean_text(reproducer.folder));
}

// What was learned of the target's runs. Empty: they are declared.
std::string run_events(const HuntReport& report)
{
    if (!report.run_events) return {};
    if (!report.run_events->to_be_learned) return describe(*report.run_events);
    return "nothing was learned, since none of the users one at a time had a run that was completed: only "
           "agent_completed is expected";
}

std::string shares(const HuntReport& report)
{
    std::string text;
    for (const auto& share : report.strategies)
        if (share.why_not.empty())
            text += fmt::format("| {} | {} | {} | {} | {} |\n", share.name, share.executions, share.failed,
                                share.voided, share.discoveries);
        else
            text += fmt::format("| {} | not used: {} | | | |\n", share.name, clean_text(share.why_not));
    return text;
}

std::string reproducer_markdown(const Reproducer& reproducer)
{
    auto out = fmt::format("\nShrunk: {}; it fails in {}.\n\n", left(reproducer),
                           rate_text(reproducer.failed, reproducer.played));
    for (const auto& element : reproducer.elements)
        out += fmt::format("- {}\n", markdown::escape(clean_text(element)));
    if (!reproducer.summary.empty())
        out += fmt::format("\nShrinking: {}.\n", markdown::escape(clean_text(reproducer.summary)));
    if (const auto why = doubt(reproducer); !why.empty()) out += fmt::format("\n{}.\n", why);
    out += fmt::format("\nRepeat: `wsrace repro {}`\n", clean_text(reproducer.folder));
    if (reproducer.steps.empty()) return out;
    out += "\n| stage | what was left out | elements without it | plays |\n|---|---|---|---|\n";
    for (const auto& step : reproducer.steps)
        out += fmt::format("| {} | {} | {} | {} |\n", step.stage, markdown::escape(clean_text(step.text)),
                           step.elements, step.plays);
    return out;
}

} // namespace

std::string rate_text(std::uint64_t failed, std::uint64_t played)
{
    if (played == 0) return "an unknown share of executions";
    const auto interval = wilson_interval(failed, played);
    return fmt::format("{:.0f} % ({:.0f} % to {:.0f} %, {} of {})",
                       100.0 * static_cast<double>(failed) / static_cast<double>(played), 100 * interval.low,
                       100 * interval.high, failed, played);
}

std::string reproducer_text(const Reproducer& reproducer, std::size_t margin)
{
    const std::string blanks(margin, ' ');
    auto out = fmt::format("{}fails in {}; {}{}\n", blanks, rate_text(reproducer.failed, reproducer.played),
                           left(reproducer), reproducer.elements.empty() ? "" : ":");
    for (std::size_t i = 0; i < std::min(reproducer.elements.size(), shown_elements); ++i)
        out += fmt::format("{}  {}\n", blanks, one_line(clean_text(reproducer.elements[i]), 100));
    if (reproducer.elements.size() > shown_elements)
        out += fmt::format("{}  and {} more\n", blanks, reproducer.elements.size() - shown_elements);
    if (const auto why = doubt(reproducer); !why.empty()) out += fmt::format("{}{}\n", blanks, why);
    return out + fmt::format("{}wsrace repro {}\n", blanks, clean_text(reproducer.folder));
}

std::string hunt_terminal(const HuntReport& report, bool colours)
{
    const auto paint = [colours](std::string_view code, const std::string& text) {
        return colours ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
    };
    const auto clean = report.problem.empty() && !report.interrupted;
    const auto verdict = !report.failures.empty() ? paint("31;1", "FAIL")
                         : clean                  ? paint("32;1", "PASS")
                                                  : paint("33;1", "INCONCLUSIVE");
    auto out = fmt::format("{} {}  {}\n  {}\n", verdict, clean_text(report.scenario), headline(report),
                           effort(report));
    if (!report.problem.empty()) out += fmt::format("  {}\n", clean_text(report.problem));
    if (!report.statement.empty()) out += fmt::format("  {}\n", clean_text(report.statement));
    if (report.run_events) out += fmt::format("  Events of a run: {}\n", run_events(report));
    for (std::size_t i = 0; i < std::min(report.failures.size(), shown_failures); ++i) {
        const auto& failure = report.failures[i];
        out += fmt::format("\n{}{}\n  {}\n", paint("1", one_line(clean_text(failure.signature), 100)),
                           kind(report, failure), when_seen(failure));
        if (!failure.also_seen.empty()) out += fmt::format("  with it: {}\n", one_line(also(failure), 100));
        if (failure.reproducer)
            out += reproducer_text(*failure.reproducer, 2);
        else if (!failure.folder.empty())
            out += fmt::format("  wsrace repro {}\n", clean_text(failure.folder));
    }
    if (report.failures.size() > shown_failures)
        out += fmt::format("\nand {} more in hunt.md\n", report.failures.size() - shown_failures);
    return out + fmt::format("\nCoverage   {}\nRepeat     {}\n", coverage_line(report.coverage),
                             clean_text(report.command));
}

std::string hunt_markdown(const HuntReport& report)
{
    auto out = fmt::format("# Hunt of {}: {}\n\n{}.\n", clean_text(report.scenario), headline(report),
                           effort(report));
    if (!report.problem.empty())
        out += fmt::format("\n{}\n", markdown::escape(clean_text(report.problem), 1000));
    if (!report.statement.empty())
        out += fmt::format("\n{}.\n", markdown::escape(clean_text(report.statement), 1000));
    if (report.run_events)
        out += fmt::format("\nEvents of a run: {}.\n", markdown::escape(run_events(report), 1000));
    for (const auto& failure : report.failures) {
        const auto what = markdown::escape(kind(report, failure));
        out += fmt::format("\n## {}\n\nSeen {}{}{}.\n{}", markdown::escape(clean_text(failure.signature)),
                           when_seen(failure), what.empty() ? "" : " ", what,
                           failure.details.empty() ? "" : "\n");
        for (const auto& detail : failure.details)
            out += fmt::format("- {}\n", markdown::code(clean_text(detail)));
        if (!failure.also_seen.empty())
            out += fmt::format("\nWith it: {}.\n", markdown::escape(also(failure)));
        if (failure.reproducer)
            out += reproducer_markdown(*failure.reproducer);
        else if (!failure.folder.empty())
            out += fmt::format("\nA run that showed it: {}\n", clean_text(failure.folder));
    }
    out += "\n## Strategies\n\n| strategy | executions | failed | void | showed something new |\n"
           "|---|---|---|---|---|\n" +
           shares(report);
    return out + "\n" + coverage_markdown(report.coverage) +
           fmt::format("\nRepeat: `{}`\n", clean_text(report.command));
}

void write_hunt(const std::filesystem::path& folder, const HuntReport& report)
{
    std::filesystem::create_directories(folder);
    write_whole(folder / "hunt.json", hunt_json(report));
    write_whole(folder / "hunt.md", hunt_markdown(report));
    write_whole(folder / "coverage.json", coverage_json(report.coverage));
    write_whole(folder / "report.html", hunt_html(report));
}

} // namespace wsrace
