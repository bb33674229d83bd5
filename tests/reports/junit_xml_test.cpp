#include "reports/sample_report.hpp"
#include "support/source_folder.hpp"

#include <catch2/catch.hpp>
#include <pugixml.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace wsrace;

namespace {

pugi::xml_document parsed(const std::string& xml)
{
    pugi::xml_document document;
    const auto result = document.load_buffer(xml.data(), xml.size());
    INFO(result.description());
    REQUIRE(result);
    return document;
}

pugi::xml_node case_named(const pugi::xml_document& document, const std::string& name)
{
    return document.child("testsuites")
        .child("testsuite")
        .find_child_by_attribute("testcase", "name", name.c_str());
}

// What xmllint has against it, by tests/reports/junit.xsd; nothing where xmllint is not installed.
std::string complaints(const std::string& xml)
{
    if (std::system("command -v xmllint >/dev/null 2>&1") != 0) return {};
    const auto file = std::filesystem::temp_directory_path() / "wsrace_junit_xml_test.xml";
    const auto said = file.string() + ".said";
    std::ofstream{file} << xml;
    const auto command = "xmllint --noout --schema " +
                         (source_folder() / "tests/reports/junit.xsd").string() + " " + file.string() + " >" +
                         said + " 2>&1";
    const auto status = std::system(command.c_str());
    std::ostringstream text;
    if (status != 0) text << std::ifstream{said}.rdbuf();
    std::filesystem::remove(file);
    std::filesystem::remove(said);
    return text.str();
}

} // namespace

TEST_CASE("junit.xml satisfies the schema that CI systems read")
{
    CHECK(complaints(junit_xml(passing_report().input())) == "");
    CHECK(complaints(junit_xml(failing_report().input())) == "");
    CHECK(complaints(junit_xml(SampleReport{}.input())) == "");
    CHECK(complaints(junit_xml(hostile_report("<a> & \"'\x1b\x07\xff\xef\xbf\xbe ]]>\r\n").input())) == "");
}

TEST_CASE("junit.xml counts what it contains")
{
    const auto document = parsed(junit_xml(failing_report().input()));
    const auto suite = document.child("testsuites").child("testsuite");
    CHECK(suite.attribute("tests").as_int() == 19);
    CHECK(suite.attribute("failures").as_int() == 2);
    CHECK(suite.attribute("errors").as_int() == 1);
    CHECK(suite.attribute("skipped").as_int() == 3);
    CHECK(document.select_nodes("//testcase").size() == 19);
    CHECK(document.select_nodes("//failure").size() == 2);
    CHECK(document.select_nodes("//error").size() == 1);
    CHECK(document.select_nodes("//skipped").size() == 3);
    CHECK(suite.attribute("time").value() == std::string{"12.400"});
    CHECK(suite.attribute("timestamp").value() == std::string{"2026-01-01T00:00:00"});
}

TEST_CASE("A failure carries its signature, evidence and the command that repeats it")
{
    const auto document = parsed(junit_xml(failing_report().input()));
    const auto test = case_named(document, "isolation");
    CHECK(test.attribute("classname").value() == std::string{"wsrace.cold_start"});
    const auto failure = test.child("failure");
    CHECK(failure.attribute("type").value() == std::string{"violation"});
    CHECK(failure.attribute("message").value() ==
          std::string{"212 violations; isolation: foreign canary in agent_thinking at /payload/reasoning"});
    const std::string text = failure.text().get();
    CHECK(text.find("1.204 s, user 17, connection 1, request 0, data of user 4: user 17, connection 1") !=
          std::string::npos);
    CHECK(text.find("expected: only canaries of its own requests") != std::string::npos);
    CHECK(text.find("1.204 s  user 17, connection 1, request 0: frame agent_thinking") != std::string::npos);
    CHECK(text.find("Repeat: wsrace run scenarios/cold_start.json") != std::string::npos);
}

TEST_CASE("An inconclusive check is an error only where the scenario requires it")
{
    const auto document = parsed(junit_xml(failing_report().input()));
    CHECK(case_named(document, "acknowledged").child("error"));
    CHECK(case_named(document, "baseline").child("skipped"));
    CHECK(case_named(document, "credentials").child("skipped").attribute("message").value() ==
          std::string{"switched off by the scenario"});
}

TEST_CASE("A verdict that no check explains is a test case of its own")
{
    SampleReport report;
    report.verdict.summary = "the target could not be reached";
    const auto unreachable = parsed(junit_xml(report.input()));
    CHECK(case_named(unreachable, "verdict").child("error").attribute("message").value() ==
          report.verdict.summary);
    report.verdict.verdict = Verdict::fail;
    CHECK(case_named(parsed(junit_xml(report.input())), "verdict").child("failure"));
    report.verdict.verdict = Verdict::pass;
    CHECK_FALSE(case_named(parsed(junit_xml(report.input())), "verdict"));
}

TEST_CASE("Test names stay unique when a check comes twice")
{
    auto report = passing_report();
    report.verdict.checks.push_back(report.verdict.checks.front());
    const auto xml = junit_xml(report.input());
    CHECK(case_named(parsed(xml), "close_codes (2)"));
    CHECK(complaints(xml) == "");
}
