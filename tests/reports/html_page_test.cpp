#include "reports/cold_start.hpp"
#include "reports/html/page.hpp"
#include "reports/html/report_data.hpp"
#include "reports/hunt.hpp"
#include "reports/sample_report.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fstream>

using namespace wsrace;
using nlohmann::json;

namespace {

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::size_t times(std::string_view text, std::string_view part)
{
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

// What the page's script element with the data holds.
json data_of(const std::string& page)
{
    constexpr std::string_view begin{R"(<script type="application/json" id="data">)"};
    const auto from = page.find(begin) + begin.size();
    return json::parse(page.substr(from, page.find("</script>", from) - from));
}

std::string page_of(const SampleReport& report) { return report_html(report.input()); }

} // namespace

TEST_CASE("JSON in a script element can neither end it nor begin a comment, and stays what it is", "[html]")
{
    const json tricky{
        {"a", "</script><!-- <script> & ]]>"}, {"b", "line\u2028para\u2029end"}, {"c", "\u2027 \u202a ä"}};
    const auto safe = script_safe(tricky.dump());
    CHECK(json::parse(safe) == tricky);
    for (const auto* part : {"<", "\u2028", "\u2029"}) CHECK_FALSE(has(safe, part));
    CHECK(has(safe, "\u2027 \u202a ä")); // its neighbours are as they were
}

TEST_CASE("The page is whole and loads nothing", "[html]")
{
    const auto page = page_of(failing_report());
    CHECK(page.starts_with("<!DOCTYPE html>"));
    CHECK(page.ends_with("</html>\n"));
    CHECK(times(page, "<script") == 3);
    CHECK(times(page, "</script>") == 3);
    CHECK(has(page, "Chart.js v3"));
    CHECK(has(page, "Released under the MIT License"));
    CHECK(has(page, "default-src 'none'"));
    for (const auto* part : {" src=", "@import", "href=\"http", "url(http", "{{"}) {
        INFO(part);
        CHECK_FALSE(has(page.substr(0, page.find("<script>")), part));
    }
    CHECK(has(page, "<title>FAIL cold_start - wsrace</title>"));
}

TEST_CASE("What a target says cannot become part of the page, and its secrets are not in it", "[html]")
{
    const auto text = std::string{"</script><script>alert(1)</script><!-- {{data}} \xe2\x80\xa8 \xff "} +
                      R"("password":"pa55word" Bearer hunter2hunter2 token=s3cr3ts3cr3t)";
    const auto page = page_of(hostile_report(text));
    CHECK(times(page, "<script") == 3);
    CHECK_FALSE(has(page, "<script>alert"));
    CHECK_FALSE(has(page, "\xe2\x80\xa8"));
    for (const auto* secret : {"pa55word", "hunter2", "s3cr3t"}) CHECK_FALSE(has(page, secret));
    const auto data = data_of(page);
    CHECK(has(data["summary"].get<std::string>(), "</script><script>alert(1)"));
    CHECK(has(data["groups"][0]["signature"].get<std::string>(), "<!-- {{data}} \\u2028 \\xff"));
}

TEST_CASE("The page quotes the scenario and the plan, as much as is bearable", "[html]")
{
    const TemporaryFolder folder;
    std::ofstream{folder.path() / "scenario.json"} << R"({"name": "small", "token": "s3cr3ts3cr3t"})";
    {
        std::ofstream plan{folder.path() / "plan.json"};
        for (int i = 0; i < 20'000; ++i) plan << "{\"user\":" << i << "},\n";
    }
    const auto report = passing_report();
    auto input = report.input();
    input.folder = folder.path();
    const auto files = data_of(report_html(input))["files"];
    CHECK(files["scenario.json"] == R"({"name": "small", "token": "[redacted]"})");
    const auto plan = files["plan.json"].get<std::string>();
    CHECK(plan.size() < longest_quote + 100);
    CHECK(plan.ends_with("},\n[... the rest is in plan.json]"));
    CHECK(data_of(page_of(passing_report()))["files"]["plan.json"] == "");
}

TEST_CASE("A hunt and a search for the cold-start window have pages of their own", "[html]")
{
    HuntReport hunt;
    hunt.scenario = "</title><b>";
    hunt.statement = "nothing was seen";
    const auto of_hunt = hunt_html(hunt);
    CHECK(data_of(of_hunt)["kind"] == "hunt");
    CHECK(data_of(of_hunt)["hunt"] == json::parse(hunt_json(hunt)));
    CHECK(has(of_hunt, "<title>Hunt of &lt;/title&gt;&lt;b&gt; - wsrace</title>"));

    ColdStartReport cold;
    cold.scenario = "cold_start";
    const auto of_cold = cold_start_html(cold);
    CHECK(data_of(of_cold)["kind"] == "coldstart");
    CHECK(data_of(of_cold)["coldstart"] == json::parse(cold_start_json(cold)));
}
