#include "reports/sample_report.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>

using namespace wsrace;

namespace {

std::vector<std::string> lines_of(const std::string& text)
{
    std::istringstream in{text};
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

// How many columns a line takes: colours take none, a character of several bytes takes one.
std::size_t columns_of(const std::string& line)
{
    std::size_t columns = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\x1b')
            i = line.find('m', i);
        else if ((static_cast<unsigned char>(line[i]) & 0xC0U) != 0x80)
            ++columns;
    }
    return columns;
}

// A failing run with everything in it that takes room.
SampleReport crowded_report()
{
    auto report = failing_report();
    for (const std::size_t check : {1U, 3U, 5U, 11U, 17U}) {
        auto& failed = report.verdict.checks[check];
        failed =
            failed_check(failed.id, failed.id + ": something that takes many words to be told in full", 90);
        for (std::size_t i = 0; i < failed.violations.size(); ++i) {
            failed.violations[i].signature += " " + std::to_string(i) + " \u00e4\u00f6\u00fc";
            failed.violations[i].message = std::string(200, 'm');
        }
    }
    report.verdict.summary = "Violations found (" + std::string(60, 'a') + " " + std::string(60, 'b') + ").";
    report.verdict.schedule = void_report().verdict.schedule;
    for (auto& metric : report.verdict.metrics) metric.level = Level::critical;
    report.history.info.target = std::string(300, 't');
    return report;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("The terminal's summary begins with the verdict and fits a screen")
{
    for (const auto& report : {passing_report(), failing_report()}) {
        const auto lines = lines_of(terminal_summary(report.input(), {}));
        CHECK(lines.size() <= 40);
        CHECK(std::all_of(lines.begin(), lines.end(), [](const auto& line) { return line.size() <= 120; }));
    }
    CHECK(lines_of(terminal_summary(passing_report().input(), {})).front() ==
          "PASS cold_start  No violation found; 398 of 400 connections opened, 396 of 400 runs completed.");
}

TEST_CASE("A failing run says who, when, what and what was expected, and how to repeat it")
{
    const auto text = terminal_summary(failing_report().input(), {});
    CHECK(has(
        text,
        "   212x isolation: foreign canary in agent_thinking at /payload/reasoning  (213 users)\n"
        "        1.204 s: user 17, connection 1, request 0: agent_thinking carries a canary of user 4\n"));
    CHECK(has(
        text,
        "        1.204 s, user 17, connection 1, request 0: closed with 1011")); // its message names nobody
    CHECK(has(text, "        expected: only canaries of its own requests\n"));
    CHECK(has(text, "  critical     event_latency      612 ms"));
    CHECK(has(text, "  inconclusive acknowledged       0 requests             no request was acknowledged"));
    CHECK(has(text, "wsrace run scenarios/cold_start.json --seed 18446744073709551615"));
    CHECK(has(text, "out/cold_start: report.html, verdict.json, junit.xml, summary.md, metrics.prom"));
}

TEST_CASE("Large figures are told in full")
{
    auto report = failing_report();
    for (auto& metric : report.verdict.metrics)
        if (metric.unit == "per hour") metric.value = metric.low = metric.high = 472'431.2;
    CHECK(has(terminal_summary(report.input(), {}), "472 431 per hour"));
}

TEST_CASE("What explains a failing run is told before what follows from it")
{
    const auto sample = failing_report();
    auto input = sample.input();
    const auto first_of = [&input] {
        const auto text = terminal_summary(input, {});
        return text.find("x isolation: ") < text.find("x close_codes: ") ? "isolation" : "close_codes";
    };
    CHECK(first_of() == std::string{"close_codes"});
    input.failures = {
        {"isolation: canary", {sample.verdict.checks[7].violations[0].signature}, {"close_codes: 1011"}}};
    CHECK(first_of() == std::string{"isolation"});
}

TEST_CASE("A passing run has no violations to show, and a line only for what is worth one")
{
    const auto text = terminal_summary(passing_report().input(), {});
    CHECK_FALSE(has(text, "Violations"));
    CHECK(has(text, "close_codes (400 connections), handshake (400 connections)"));
    CHECK_FALSE(has(text, "ping")); // no sample
}

TEST_CASE("What is too much for a screen is folded, and every failed check still shows")
{
    auto report = failing_report();
    auto& violations = report.verdict.checks[7].violations;
    for (std::size_t i = 0; i < violations.size(); ++i) violations[i].signature += std::to_string(i);
    const auto text = terminal_summary(report.input(), {});
    CHECK(lines_of(text).size() <= 40);
    CHECK(has(text, "37x close_codes"));
    CHECK(has(text, "1x isolation"));
    CHECK(has(text, "more signatures in verdict.json"));
}

TEST_CASE("The summary fits the smallest terminal, with many violations, and still says what matters")
{
    for (const bool colours : {false, true}) {
        const auto text =
            terminal_summary(crowded_report().input(), {.colours = colours, .lines = 24, .columns = 80});
        const auto lines = lines_of(text);
        CAPTURE(text);
        CHECK(lines.size() <= 24);
        CHECK(
            std::all_of(lines.begin(), lines.end(), [](const auto& line) { return columns_of(line) <= 80; }));
        CHECK(has(text, "FAIL cold_start"));
        CHECK(has(text, "37x "));
        CHECK(has(text, "more signatures in verdict.json"));
        CHECK(has(text, "wsrace run scenarios/cold_start.json --seed 18446744073709551615"));
        CHECK(has(text, "  out/cold_start:"));
        CHECK(has(text, "results.sarif"));
    }
    for (const auto& report : {passing_report(), failing_report(), void_report(), SampleReport{}}) {
        const auto lines = lines_of(terminal_summary(report.input(), {.lines = 24, .columns = 80}));
        CHECK(lines.size() <= 24);
        CHECK(
            std::all_of(lines.begin(), lines.end(), [](const auto& line) { return columns_of(line) <= 80; }));
    }
}

TEST_CASE("A command that repeats the run is never cut, and the lines that it takes are counted")
{
    auto report = crowded_report();
    report.history.info.command = "wsrace run " + std::string(300, 'c') + " --seed 7";
    const auto lines = lines_of(terminal_summary(report.input(), {.lines = 24, .columns = 80}));
    std::size_t rows = 0;
    for (const auto& line : lines) rows += std::max<std::size_t>(1, (columns_of(line) + 79) / 80);
    CHECK(rows <= 24);
    CHECK(std::any_of(lines.begin(), lines.end(),
                      [](const auto& line) { return has(line, std::string(300, 'c') + " --seed 7"); }));
}

TEST_CASE("A larger screen shows more")
{
    const auto small = terminal_summary(crowded_report().input(), {.lines = 24, .columns = 80});
    const auto large = terminal_summary(crowded_report().input(), {.lines = 100, .columns = 110});
    CHECK(lines_of(large).size() > lines_of(small).size());
    CHECK(lines_of(large).size() <= 100);
    CHECK(has(large, "p99.9"));
    CHECK_FALSE(has(small, "p99.9"));
}

TEST_CASE("Colours are there only when asked for")
{
    CHECK_FALSE(has(terminal_summary(failing_report().input(), {}), "\x1b"));
    CHECK(terminal_summary(failing_report().input(), {.colours = true})
              .starts_with("\x1b[31;1mFAIL cold_start\x1b[0m"));
    CHECK(terminal_summary(passing_report().input(), {.colours = true})
              .starts_with("\x1b[32;1mPASS cold_start\x1b[0m"));
}

TEST_CASE("An interrupted run, or one without any check, still has a summary")
{
    SampleReport report;
    report.history.info.interrupted = true;
    report.history.info.truncated = true;
    const auto text = terminal_summary(report.input(), {});
    CHECK(text.starts_with("INCONCLUSIVE"));
    CHECK(has(text, "interrupted: what was recorded until then"));
    CHECK(has(text, "the history is not complete"));
}
