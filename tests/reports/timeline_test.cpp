#include "reports/sample_report.hpp"
#include "reports/timeline.hpp"
#include "support/history_builder.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>

using namespace wsrace;
using namespace wsrace::test;

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// The rows between the fences.
std::vector<std::string> rows_of(const std::string& text)
{
    std::vector<std::string> rows;
    std::istringstream lines{text};
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        if (line == "```")
            inside = !inside;
        else if (inside)
            rows.push_back(line);
    }
    CHECK_FALSE(inside);
    return rows;
}

// So many lines of a server's log, one each ms; the violation is proved by that line.
SampleReport long_report(std::size_t lines, std::uint32_t proof)
{
    HistoryBuilder builder;
    for (std::size_t i = 0; i < lines; ++i)
        builder.log(static_cast<std::int64_t>(i), "line " + std::to_string(i) + ".");
    SampleReport report;
    report.history = builder.build();
    auto check = failed_check("server_log", "server_log: line", 1);
    check.violations[0].evidence = {proof};
    report.verdict.checks = {check};
    return report;
}

} // namespace

TEST_CASE("A timeline shows what happened, from its first row, and marks what proves a violation")
{
    const auto report = long_report(3, 2);
    const auto text = timeline_markdown(report.input());
    const auto rows = rows_of(text);
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].starts_with("     0.000    +0.000  "));
    CHECK(rows[2].starts_with("     2.000    +1.000  "));
    CHECK(rows[2].ends_with("  < server_log"));
    CHECK_FALSE(has(rows[1], "<"));
    CHECK(has(text, "- **server\\_log** `something happened`; expected: `nothing`\n"));
}

TEST_CASE("Of a long run the rows before and around the first violation are shown")
{
    const auto shown = [](std::uint32_t proof) {
        return rows_of(timeline_markdown(long_report(2000, proof).input()));
    };
    const auto middle = shown(1000);
    REQUIRE(middle.size() == most_timeline_rows);
    CHECK(has(middle.front(), "line 800."));
    CHECK(has(middle[200], "line 1000."));
    CHECK(has(middle[200], "< server_log"));
    CHECK(has(shown(0).front(), "line 0."));
    CHECK(has(shown(1999).back(), "line 1999."));
    CHECK(shown(1999).size() == most_timeline_rows);
}

TEST_CASE("A long row is cut")
{
    HistoryBuilder builder;
    builder.log(0, std::string(500, 'x'));
    SampleReport report;
    report.history = builder.build();
    const auto rows = rows_of(timeline_markdown(report.input()));
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].size() <= 140);
    CHECK(rows[0].ends_with("..."));
}

TEST_CASE("What is sampled is no row, and where nothing happened there are none")
{
    HistoryBuilder builder;
    builder.sample(0, SampleKind::counter, 1, "connections");
    SampleReport report;
    report.history = builder.build();
    CHECK(has(timeline_markdown(report.input()), "Nothing happened.\n"));
    CHECK(has(timeline_markdown(SampleReport{}.input()), "Nothing happened.\n"));
    CHECK_FALSE(has(timeline_markdown(long_report(1, 0).input()), "Nothing happened.\n"));
}

TEST_CASE("timeline.md is written where it is asked for")
{
    const TemporaryFolder folder;
    write_timeline(folder.path(), long_report(3, 2).input());
    CHECK(std::filesystem::file_size(folder.path() / "timeline.md") > 100);
}
