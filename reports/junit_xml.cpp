// JUnit as CI systems read it: one test case per check. A reader that looks at nothing but failures and
// errors comes to the same verdict as the exit status does.
#include "reports/clean_text.hpp"
#include "reports/evidence.hpp"
#include "reports/prepared.hpp"

#include <fmt/format.h>
#include <pugixml.hpp>

#include <map>
#include <sstream>

namespace wsrace {

namespace {

constexpr std::size_t shown_groups = 10;
constexpr std::size_t shown_examples = 3;
constexpr std::size_t longest_message = 300;

struct Totals {
    std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
};

// Readers split class names at dots and make folders of them.
std::string class_name(std::string_view scenario)
{
    std::string name{"wsrace."};
    for (const char c : scenario) {
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        name += plain ? c : '_';
    }
    return name;
}

std::string examples_text(const PreparedReport& report, const SignatureGroup& group)
{
    auto text = fmt::format("\n{} ({})\n", group.signature, how_often(group));
    for (std::size_t i = 0; i < group.violations.size() && i < shown_examples; ++i) {
        const auto& violation = *group.violations[i];
        text += fmt::format("  {}, {}: {}\n    expected: {}\n", seconds_text(violation.at), who(violation),
                            violation.message, violation.expected);
        for (const auto position : violation.evidence)
            if (position < report.history.events.size())
                text += fmt::format("    {}  {}\n", seconds_text(report.history.events[position].at),
                                    event_line(report.history, position));
    }
    return text;
}

std::string failure_text(const PreparedReport& report, const CheckResult& check)
{
    auto text = fmt::format("{} violations in {}\n", check.violation_count, sample_text(check));
    std::size_t groups = 0;
    for (const auto& group : report.groups)
        if (group.check == check.id && ++groups <= shown_groups) text += examples_text(report, group);
    if (groups > shown_groups)
        text += fmt::format("\nand {} more signatures in verdict.json\n", groups - shown_groups);
    return text + fmt::format("\nRepeat: {}\n", report.info.command);
}

std::string first_signature(const PreparedReport& report, const CheckResult& check)
{
    for (const auto& group : report.groups)
        if (group.check == check.id) return one_line(group.signature, longest_message);
    return "violated";
}

void add_outcome(pugi::xml_node parent, const char* element, const std::string& type,
                 const std::string& message, const std::string& text)
{
    auto node = parent.append_child(element);
    node.append_attribute("type") = type.c_str();
    node.append_attribute("message") = one_line(message, longest_message).c_str();
    if (!text.empty()) node.text().set(text.c_str());
}

pugi::xml_node add_case(pugi::xml_node suite, const std::string& class_of, const std::string& test,
                        double seconds)
{
    auto node = suite.append_child("testcase");
    node.append_attribute("classname") = class_of.c_str();
    node.append_attribute("name") = test.c_str();
    node.append_attribute("time") = fmt::format("{:.3f}", seconds).c_str();
    return node;
}

// A check that could not judge fails the build only where the scenario requires it. What was found in a void
// execution is told, but nobody can say that the target is to blame.
void add_check(pugi::xml_node node, const PreparedReport& report, const CheckResult& check, Totals& totals)
{
    ++totals.tests;
    switch (check.verdict) {
    case Verdict::fail:
        ++(report.verdict.is_void ? totals.errors : totals.failures);
        add_outcome(node, report.verdict.is_void ? "error" : "failure",
                    report.verdict.is_void ? "void" : "violation",
                    fmt::format("{} violations; {}", check.violation_count, first_signature(report, check)),
                    failure_text(report, check));
        break;
    case Verdict::inconclusive:
        ++(check.required ? totals.errors : totals.skipped);
        add_outcome(node, check.required ? "error" : "skipped", "inconclusive",
                    "inconclusive: " + check.reason,
                    fmt::format("{}\n\nRepeat: {}\n", check.reason, report.info.command));
        break;
    case Verdict::skipped:
        ++totals.skipped;
        add_outcome(node, "skipped", "skipped", check.reason, {});
        break;
    case Verdict::pass:
        node.append_child("system-out").text().set((sample_text(check) + " judged").c_str());
        break;
    }
}

// The run's own verdict, where no check explains it: an unreachable target, a service level, a missed
// schedule.
void add_run(pugi::xml_node suite, const std::string& class_of, const PreparedReport& report, Totals& totals)
{
    const auto verdict = report.verdict.verdict;
    const bool explained = verdict == Verdict::fail
                               ? totals.failures > 0
                               : totals.failures + totals.errors > 0 && !report.verdict.is_void;
    if (verdict == Verdict::pass || verdict == Verdict::skipped || explained) return;
    const bool failed = verdict == Verdict::fail;
    ++totals.tests;
    ++(failed ? totals.failures : totals.errors);
    add_outcome(add_case(suite, class_of, "verdict", 0), failed ? "failure" : "error",
                std::string{name(verdict)}, report.verdict.summary,
                fmt::format("{}\n\nRepeat: {}\n", report.verdict.summary, report.info.command));
}

void add_property(pugi::xml_node properties, const char* property, const std::string& value)
{
    auto node = properties.append_child("property");
    node.append_attribute("name") = property;
    node.append_attribute("value") = value.c_str();
}

void add_properties(pugi::xml_node suite, const PreparedReport& report)
{
    auto properties = suite.append_child("properties");
    add_property(properties, "run", to_string(report.info.run));
    add_property(properties, "seed", std::to_string(report.info.seed));
    add_property(properties, "scenario_digest", report.info.scenario_digest);
    add_property(properties, "plan_digest", report.info.plan_digest);
    add_property(properties, "version", report.info.version);
    add_property(properties, "target", report.info.target);
    add_property(properties, "command", report.info.command);
    for (const auto& metric : report.verdict.metrics)
        add_property(properties, metric.id.c_str(),
                     fmt::format("{}: {}", name(metric.level), value_text(metric)));
}

// Checks in their order; one that comes twice (merged shards) gets a name of its own.
Totals add_cases(pugi::xml_node suite, const PreparedReport& report)
{
    Totals totals;
    const auto class_of = class_name(report.info.scenario);
    std::map<std::string, int> seen;
    for (const auto& check : report.verdict.checks) {
        const auto times = ++seen[check.id];
        const auto test = times == 1 ? check.id : fmt::format("{} ({})", check.id, times);
        add_check(add_case(suite, class_of, test, 0), report, check, totals);
    }
    add_run(suite, class_of, report, totals);
    return totals;
}

void put_attributes(pugi::xml_node node, const PreparedReport& report, const Totals& totals)
{
    const auto seconds = std::chrono::duration<double>{report.history.duration()}.count();
    node.append_attribute("tests") = totals.tests;
    node.append_attribute("failures") = totals.failures;
    node.append_attribute("errors") = totals.errors;
    node.append_attribute("time") = fmt::format("{:.3f}", seconds).c_str();
}

} // namespace

std::string junit_xml(const ReportInput& input)
{
    const PreparedReport report{input};
    pugi::xml_document document;
    auto declaration = document.append_child(pugi::node_declaration);
    declaration.append_attribute("version") = "1.0";
    declaration.append_attribute("encoding") = "UTF-8";
    auto suites = document.append_child("testsuites");
    suites.append_attribute("name") = "wsrace";
    auto suite = suites.append_child("testsuite");
    suite.append_attribute("name") = class_name(report.info.scenario).c_str();
    add_properties(suite, report);
    const auto totals = add_cases(suite, report);
    put_attributes(suites, report, totals);
    put_attributes(suite, report, totals);
    suite.append_attribute("skipped") = totals.skipped;
    if (report.info.started.size() >= 19) // the schema of old readers has neither fractions nor a zone
        suite.append_attribute("timestamp") = report.info.started.substr(0, 19).c_str();
    std::ostringstream out;
    document.save(out, "  ", pugi::format_default, pugi::encoding_utf8);
    return out.str();
}

} // namespace wsrace
