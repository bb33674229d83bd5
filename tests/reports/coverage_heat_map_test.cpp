#include "reports/coverage_heat_map.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

using namespace wsrace;

namespace {

CoverageTable small()
{
    CoverageTable table{.executions = 1500, .since_new = 12, .plateau_after = 300, .pairs = {}};
    table.pairs.push_back({.pair = {Relation::other_user, StepType::close, StepType::request},
                           .hits = {0, 1, 9, 10, 99, 100, 1500, 0}});
    table.pairs.push_back({.pair = {Relation::same_user, StepType::close, StepType::reopened}, .hits = {}});
    return table;
}

// All there are, hit as if long hunted.
CoverageTable full()
{
    CoverageTable table{.executions = 1'000'000, .since_new = 300, .plateau_after = 300, .pairs = {}};
    for (std::uint16_t number = 0; number < step_pairs; ++number) {
        PairCoverage row{.pair = pair_of(number), .hits = {}};
        std::fill_n(row.hits.begin(), number % 9, 1'000'000U);
        table.pairs.push_back(row);
    }
    return table;
}

std::vector<std::string> lines_of(const std::string& text)
{
    std::istringstream in{text};
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("The heat map marks each cell by how often it was hit", "[reports]")
{
    const auto text = coverage_heat_map(small());
    CHECK(has(text, "Interleavings: 6 of 16 cells (37.5 %), 1 500 executions, 12 since the last new cell "
                    "(300 are a plateau)\n"));
    CHECK(has(text, "of two users: 6 of 8 cells\n  close > request          .--++##.\n"));
    CHECK(has(text, "of two connections of one user: 0 of 8 cells\n  close > reopened         ........\n"));
    CHECK(!has(text, "of the target"));
    CHECK(has(text, "<0.1  0.1-0.3  0.3-1  1-3  3-10  10-30  30-100  100-300"));
}

TEST_CASE("The heat map fits 110 columns, however much is known", "[reports]")
{
    for (const std::size_t pairs : {std::size_t{0}, std::size_t{60}}) {
        const auto lines = lines_of(coverage_heat_map(full(), pairs));
        const auto longest = std::max_element(
            lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
        CAPTURE(*longest);
        CHECK(longest->size() <= 110);
        CHECK(lines.size() == (pairs == 0 ? 4 + 3 * (2 + 108) : 4 + 3 * (3 + 20)));
    }
}

TEST_CASE("A shortened heat map shows what was hit most, and says that it is shortened", "[reports]")
{
    const auto text = coverage_heat_map(full(), 30);
    CHECK(has(text, "and 294 more pairs, with fewer cells hit"));
    CHECK(has(text, "########"));
    CHECK(!has(text, "........"));
    CHECK(!has(coverage_heat_map(full(), 0), "more pairs"));
}

TEST_CASE("The plateau is told", "[reports]")
{
    CHECK(has(coverage_line(full()), "300 since the last new cell (a plateau)"));
    CHECK(coverage_line({.executions = 7, .since_new = 7, .plateau_after = 300, .pairs = {}}) ==
          "no pair of steps on two connections in 7 executions");
    CHECK(lines_of(coverage_heat_map({})).size() == 1);
}

TEST_CASE("The coverage's JSON has every feasible pair with its hits", "[reports]")
{
    const auto json = nlohmann::json::parse(coverage_json(small()));
    CHECK(json["format_version"] == 1);
    CHECK(json["hit"] == 6);
    CHECK(json["feasible"] == 16);
    CHECK(json["plateau_after"] == 300);
    CHECK(json["gaps_ms"].size() == gap_buckets);
    REQUIRE(json["pairs"].size() == 2);
    CHECK(json["pairs"][0]["relation"] == "other_user");
    CHECK(json["pairs"][1]["second"] == "reopened");
    CHECK(json["pairs"][0]["hits"] == nlohmann::json{0, 1, 9, 10, 99, 100, 1500, 0});
    CHECK(nlohmann::json::parse(coverage_json({}))["pairs"].empty());
    CHECK(nlohmann::json::parse(coverage_json(full()))["pairs"].size() == step_pairs);
}

TEST_CASE("In Markdown the heat map keeps its columns", "[reports]")
{
    const auto text = coverage_markdown(small());
    CHECK(text.starts_with("## Interleavings\n\n```\n"));
    CHECK(text.ends_with("```\n"));
}
