// Gates and constraints in every report, and what a void execution looks like to those who read only one of
// them.
#include "reports/sample_report.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>

using namespace wsrace;
using Catch::Contains;

TEST_CASE("Every report says how punctual gates and constraints were", "[gates]")
{
    const auto report = void_report();
    const auto document = nlohmann::json::parse(verdict_json(report.input()));
    CHECK(document["void"] == true);
    CHECK(document["verdict"] == "inconclusive");
    CHECK(document["exit_status"] == 3);
    const auto& gate = document["schedule"].at(0);
    CHECK(gate["result"] == "missed");
    CHECK(gate["missing"] == 2);
    CHECK(gate["p99_ns"] == 8'000'000);
    CHECK(gate["tolerance_ns"] == 5'000'000);
    CHECK_THAT(terminal_summary(report.input(), {}),
               Contains("gate 0 at upgrade_sent") &&
                   Contains("p50 3 ms, p99 8 ms, max 9 ms; 398 connections"));
    CHECK_THAT(summary_markdown(report.input()),
               Contains("| missed | `gate 0 at upgrade_sent` | 3 ms | 8 ms | 9 ms | 5 ms | 398 connections"));
}

TEST_CASE("Without gates and constraints no report speaks of them", "[gates]")
{
    const auto report = failing_report();
    const auto document = nlohmann::json::parse(verdict_json(report.input()));
    CHECK(document["void"] == false);
    CHECK(document["schedule"].empty());
    CHECK_THAT(terminal_summary(report.input(), {}), !Contains("Gates and constraints"));
    CHECK_THAT(summary_markdown(report.input()), !Contains("Gates and constraints"));
}

TEST_CASE("junit.xml of a void execution has errors, and no failure of the target", "[gates]")
{
    const auto suite_of = [](const SampleReport& report) {
        pugi::xml_document document;
        const auto text = junit_xml(report.input());
        REQUIRE(document.load_buffer(text.data(), text.size()));
        return document;
    };
    const auto failed = suite_of(failing_report());
    CHECK(failed.child("testsuites").attribute("failures").as_int() > 0);
    const auto is_void = suite_of(void_report());
    const auto suites = is_void.child("testsuites");
    CHECK(suites.attribute("failures").as_int() == 0);
    CHECK(suites.attribute("errors").as_int() > 0);
    const auto suite = suites.child("testsuite");
    const auto isolation = suite.find_child_by_attribute("testcase", "name", "isolation");
    CHECK(std::string_view{isolation.child("error").attribute("type").value()} == "void");
    const auto verdict = suite.find_child_by_attribute("testcase", "name", "verdict");
    CHECK_THAT(verdict.child("error").attribute("message").value(), Contains("missed its own schedule"));
}
