#include "checks/judge.hpp"
#include "reports/sample_report.hpp"
#include "reports/schema_complaints.hpp"
#include "support/history_builder.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace wsrace;
using nlohmann::json;
using test::HistoryBuilder;

namespace {

constexpr const char* schema = "reports/schema/sarif.schema.json";

// The lines as the target's output while one user has a run, judged.
SampleReport reported(std::initializer_list<std::string_view> lines, std::uint16_t instances = 1)
{
    HistoryBuilder builder;
    builder.info() = failing_report().history.info;
    builder.info().instances = instances;
    builder.life_cycle(1, LifeCycle::spawned);
    builder.user(0).at(10).connects().welcome().run(0).closes();
    std::int64_t at = 100;
    for (const auto line : lines) builder.log(at++, line);
    SampleReport report;
    report.history = builder.build();
    Expectations expectations;
    expectations.server_output = true;
    report.verdict = judge(expectations, report.history);
    return report;
}

json run_of(const SampleReport& report)
{
    const auto document = json::parse(sarif_json(report.input()));
    CHECK(schema_complaints(schema, document) == "");
    return document.at("runs").at(0);
}

json place(const json& location) { return location.at("physicalLocation"); }

} // namespace

TEST_CASE("A data race becomes a result at the first stack's place, the second stack beside it")
{
    const auto report =
        reported({"ready", "WARNING: ThreadSanitizer: data race (pid=4711)",
                  "  Write of size 8 at 0x7b0400000010 by thread T2:",
                  "    #0 app::Registry::remove(unsigned int) /src/app/registry.cpp:42:7 (server+0x1234)",
                  "  Previous read of size 8 at 0x7b0400000010 by thread T1:",
                  "    #0 app::Registry::find(unsigned int) ../app/my registry.cpp:17 (server+0x1111)"});
    CHECK(has_source_findings(report.input()));
    const auto run = run_of(report);
    REQUIRE(run["results"].size() == 1);
    const auto& result = run["results"][0];
    CHECK(result["ruleId"] == "sanitizer");
    CHECK(run["tool"]["driver"]["rules"][result["ruleIndex"].get<int>()]["id"] == "sanitizer");
    CHECK(result["level"] == "error");
    CHECK(result["message"]["text"].get<std::string>().find("data race (1 time), first at") !=
          std::string::npos);
    CHECK(place(result["locations"][0]) ==
          json{{"artifactLocation", {{"uri", "file:///src/app/registry.cpp"}}},
               {"region", {{"startLine", 42}, {"startColumn", 7}}}});
    CHECK(place(result["relatedLocations"][0])["artifactLocation"] ==
          json{{"uri", "registry.cpp"}, {"uriBaseId", "SRCROOT"}});
    CHECK(result["partialFingerprints"]["signature/v1"].get<std::string>().starts_with(
        "sanitizer: ThreadSanitizer: data race at "));
    CHECK(run["automationDetails"]["id"] == "wsrace/cold_start/");
    CHECK(run["invocations"][0]["exitCode"] == 1);
    CHECK(run["invocations"][0]["commandLine"] == report.history.info.command);
}

TEST_CASE("A traceback is a result at its innermost place, and cites the line of the log")
{
    const auto report =
        reported({"ready", "Traceback (most recent call last):", "  File \"/app/server.py\", line 9, in main",
                  "  File \"/app/agent.py\", line 42, in send", "ValueError: gone"});
    const auto run = run_of(report);
    REQUIRE(run["results"].size() == 1);
    const auto& result = run["results"][0];
    CHECK(result["ruleId"] == "server_log");
    CHECK(place(result["locations"][0])["artifactLocation"]["uri"] == "file:///app/agent.py");
    CHECK(place(result["locations"][0])["region"]["startLine"] == 42);
    const auto& log = result["relatedLocations"].back();
    CHECK(place(log)["artifactLocation"] == json{{"uri", "server.log"}, {"uriBaseId", "RUN"}});
    CHECK(place(log)["region"]["startLine"] == 2);
    CHECK(place(log)["region"]["snippet"]["text"] == "Traceback (most recent call last):");
}

TEST_CASE(
    "A finding without a place in the source is one in the target's output, of the instance that wrote it")
{
    const auto one = run_of(reported({"ready", "thread: object has no attribute 'send'"}));
    CHECK(place(one["results"][0]["locations"][0])["artifactLocation"]["uri"] == "server.log");
    CHECK(place(one["results"][0]["locations"][0])["region"]["startLine"] == 2);
    const auto two = run_of(reported({"ready", "thread: object has no attribute 'send'"}, 2));
    CHECK(place(two["results"][0]["locations"][0])["artifactLocation"]["uri"] == "server.0.log");
}

TEST_CASE("What users saw on the wire is no result; without a finding there is still a valid document")
{
    for (const auto& report : {passing_report(), failing_report(), void_report(), SampleReport{}}) {
        CHECK_FALSE(has_source_findings(report.input()));
        CHECK(run_of(report)["results"].empty());
    }
    CHECK(run_of(hostile_report("<a> & \"'\x1b\x07\xff ]]>\r\n"))["results"].size() == 1);
}

TEST_CASE("More violations than a reader takes are counted")
{
    auto report = passing_report();
    report.verdict.checks[17] = failed_check("sanitizer", "sanitizer: killed by SIGKILL", 1200);
    report.verdict.checks[17].violation_count = 1500;
    const auto run = run_of(report);
    CHECK(run["results"].size() == 1000);
    CHECK(run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"] ==
          "500 more violations are only counted in verdict.json");
}

TEST_CASE("The schema refuses what is not SARIF 2.1.0")
{
    auto document = json::parse(sarif_json(reported({"panic: gone"}).input()));
    auto& run = document["runs"][0];
    REQUIRE(run["results"].size() == 1);
    SECTION("another version") { document["version"] = "2.0.0"; }
    SECTION("no runs") { document["runs"] = json::array(); }
    SECTION("an unknown field") { run["results"][0]["extra"] = 1; }
    SECTION("a result without a message") { run["results"][0].erase("message"); }
    SECTION("a rule that there is not") { run["results"][0]["ruleId"] = "isolation"; }
    SECTION("a line zero")
    {
        run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0;
    }
    SECTION("a URI with a blank")
    {
        run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = "a b.cpp";
    }
    CHECK(schema_complaints(schema, document) != "");
}
