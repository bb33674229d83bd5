#include "reports/sample_report.hpp"
#include "reports/schema_complaints.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <limits>

using namespace wsrace;
using nlohmann::json;

namespace {

std::string complaints(const json& document)
{
    return schema_complaints("reports/schema/verdict.schema.json", document);
}

const json& check_named(const json& document, const std::string& id)
{
    for (const auto& check : document.at("checks"))
        if (check.at("id") == id) return check;
    throw std::runtime_error{"no check " + id};
}

} // namespace

TEST_CASE("verdict.json of a passing and of a failing run satisfies its schema")
{
    for (const auto& report : {passing_report(), failing_report(), void_report(), SampleReport{}}) {
        const auto document = json::parse(verdict_json(report.input()));
        CHECK(complaints(document) == "");
    }
}

TEST_CASE("The schema refuses what is not a verdict")
{
    auto document = json::parse(verdict_json(failing_report().input()));
    SECTION("an unknown field") { document["extra"] = 1; }
    SECTION("a missing field") { document["run"].erase("seed"); }
    SECTION("a seed that is a number") { document["run"]["seed"] = 42; }
    SECTION("a verdict that does not exist") { document["checks"][0]["verdict"] = "flaky"; }
    SECTION("a violation that proves nothing") { document["checks"][0]["violations"][0].erase("evidence"); }
    CHECK(complaints(document) != "");
}

TEST_CASE("verdict.json says what was run and what it proved")
{
    const auto report = failing_report();
    const auto document = json::parse(verdict_json(report.input()));
    CHECK(document["format_version"] == 1);
    CHECK(document["verdict"] == "fail");
    CHECK(document["exit_status"] == 1);
    CHECK(document["run"]["seed"] == "18446744073709551615");
    CHECK(document["run"]["command"] == report.history.info.command);
    CHECK(document["run"]["duration_ms"] == 12400.0);
    CHECK(document["counts"]["connected"] == 361);
    CHECK(document["latencies"][0]["p50_ns"] == 2'300'000);
    CHECK(document["metrics"][1]["level"] == "critical");
}

TEST_CASE("A violation names who, when, what, what was expected, and spells out its evidence")
{
    const auto document = json::parse(verdict_json(failing_report().input()));
    const auto violation = check_named(document, "isolation").at("violations").at(0);
    CHECK(violation["user"] == 17);
    CHECK(violation["connection"] == json({{"slot", 1}, {"incarnation", 0}}));
    CHECK(violation["request"] == 0);
    CHECK(violation["other_user"] == 4);
    CHECK(violation["at_ms"] == 1204.0);
    CHECK(violation["message"] ==
          "user 17, connection 1, request 0: agent_thinking carries a canary of user 4");
    CHECK(violation["expected"] == "only canaries of its own requests");
    REQUIRE(violation["evidence"].size() == 2);
    CHECK(violation["evidence"][0]["text"] ==
          "user 17, connection 1, request 0: frame agent_thinking, 412 bytes, foreign canary, run r-9");
}

TEST_CASE("At most two hundred violations of a signature are written, and all are counted")
{
    const auto document = json::parse(verdict_json(failing_report().input()));
    const auto check = check_named(document, "isolation");
    CHECK(check["violations"].size() == 200);
    CHECK(check["violation_count"] == 212);
    CHECK(check["violations_not_kept"] == 0);
    CHECK(check["affected_users"] == 212);
    const auto& group = document["signatures"][1];
    CHECK(group["check"] == "isolation");
    CHECK(group["count"] == 212);
    CHECK(group["users"] == 213); // those concerned, and the one whose data it was
    CHECK(group["first"]["at_ms"] == 1204.0);
}

TEST_CASE("Violations that a check counted without keeping them are said to be so")
{
    auto report = failing_report();
    report.verdict.checks[0].violation_count = 5000;
    const auto document = json::parse(verdict_json(report.input()));
    CHECK(check_named(document, "close_codes")["violations_not_kept"] == 4963);
}

TEST_CASE("A number that JSON does not have becomes null, an instant keeps its microseconds")
{
    auto report = failing_report();
    report.verdict.metrics[0].value = std::numeric_limits<double>::quiet_NaN();
    report.verdict.checks[0].violations[0].at = std::chrono::nanoseconds{1'204'123'456};
    const auto text = verdict_json(report.input());
    const auto document = json::parse(text);
    CHECK(document["metrics"][0]["value"].is_null());
    CHECK(text.find("\"at_ms\": 1204.123,") != std::string::npos);
    CHECK(complaints(document) == "");
}

TEST_CASE("verdict.json is the same bytes for the same run")
{
    CHECK(verdict_json(failing_report().input()) == verdict_json(failing_report().input()));
    CHECK(verdict_json(failing_report().input())
              .starts_with("{\n  \"format_version\": 1,\n  \"verdict\": \"fail\","));
}
