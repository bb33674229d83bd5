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

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("The terminal's summary begins with the verdict and fits a screen")
{
    for (const auto& report : {passing_report(), failing_report()}) {
        const auto lines = lines_of(terminal_summary(report.input(), false));
        CHECK(lines.size() <= 40);
        CHECK(std::all_of(lines.begin(), lines.end(), [](const auto& line) { return line.size() <= 120; }));
    }
    CHECK(lines_of(terminal_summary(passing_report().input(), false)).front() ==
          "PASS cold_start  No violation found; 398 of 400 connections opened, 396 of 400 runs completed.");
}

TEST_CASE("A failing run says who, when, what and what was expected, and how to repeat it")
{
    const auto text = terminal_summary(failing_report().input(), false);
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
    CHECK(has(text, "out/cold_start: report.html, verdict.json, junit.xml, summary.md"));
}

TEST_CASE("A passing run has no violations to show, and a line only for what is worth one")
{
    const auto text = terminal_summary(passing_report().input(), false);
    CHECK_FALSE(has(text, "Violations"));
    CHECK(has(text, "close_codes (400 connections), handshake (400 connections)"));
    CHECK_FALSE(has(text, "ping")); // no sample
}

TEST_CASE("What is too much for a screen is folded, and every failed check still shows")
{
    auto report = failing_report();
    auto& violations = report.verdict.checks[7].violations;
    for (std::size_t i = 0; i < violations.size(); ++i) violations[i].signature += std::to_string(i);
    const auto text = terminal_summary(report.input(), false);
    CHECK(lines_of(text).size() <= 42);
    CHECK(has(text, "37x close_codes"));
    CHECK(has(text, "1x isolation"));
    CHECK(has(text, "more signatures in verdict.json"));
}

TEST_CASE("Colours are there only when asked for")
{
    CHECK_FALSE(has(terminal_summary(failing_report().input(), false), "\x1b"));
    CHECK(terminal_summary(failing_report().input(), true).starts_with("\x1b[31;1mFAIL cold_start\x1b[0m"));
    CHECK(terminal_summary(passing_report().input(), true).starts_with("\x1b[32;1mPASS cold_start\x1b[0m"));
}

TEST_CASE("An interrupted run, or one without any check, still has a summary")
{
    SampleReport report;
    report.history.info.interrupted = true;
    report.history.info.truncated = true;
    const auto text = terminal_summary(report.input(), false);
    CHECK(text.starts_with("INCONCLUSIVE"));
    CHECK(has(text, "interrupted: what was recorded until then"));
    CHECK(has(text, "the history is not complete"));
}
