// SARIF 2.1.0 (OASIS Standard, 27 March 2020) of what sanitizers and the target's output say about source
// files: reports/schema/sarif.schema.json is the part of the format that is written here. What users saw on
// the wire has no place in a source file, and is not in it.
#include "reports/clean_text.hpp"
#include "reports/evidence.hpp"
#include "reports/prepared.hpp"
#include "reports/source_place.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace wsrace {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* schema_uri = "https://json.schemastore.org/sarif-2.1.0.json";
constexpr std::size_t most_results = 1000;
constexpr std::size_t most_related = 10;
constexpr std::size_t longest_command = 20'000; // a command that was cut would repeat something else

struct Rule {
    const char* check;
    const char* name;
    const char* property;
    const char* help;
};
constexpr std::array<Rule, 2> rules{
    {{"sanitizer", "SanitizerReportOrCrash", "No sanitizer report, and no crash.",
      "A sanitizer of the target (ThreadSanitizer, AddressSanitizer, LeakSanitizer, MemorySanitizer, UBSan, "
      "Go's race "
      "detector, Python's faulthandler) reported an error while users were at work, or the target died. The "
      "message "
      "says what users were doing; the place is the top frame of the report's first stack."},
     {"server_log", "TroubleInTheOutput", "No line of the target's output matches a pattern of trouble.",
      "The target wrote a line that should never be in a log: a deprecation, a coroutine that was never "
      "awaited, a "
      "traceback, a panic, an unhandled rejection, or what the scenario's own patterns name."}}};

std::size_t rule_of(std::string_view check)
{
    const auto* const found =
        std::find_if(rules.begin(), rules.end(), [&](const Rule& rule) { return rule.check == check; });
    return static_cast<std::size_t>(found - rules.begin());
}

// A path as part of a URI (RFC 3986): what is neither unreserved nor a slash is percent-encoded.
std::string encoded(std::string_view path)
{
    constexpr std::string_view plain = "-._~/+@";
    std::string out;
    for (const char c : path) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter || plain.find(c) != std::string_view::npos)
            out += c;
        else
            fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

Json artifact(const std::string& path)
{
    const auto clean = one_line(clean_text(path), 1000);
    if (clean.starts_with('/')) return {{"uri", "file://" + encoded(clean)}};
    return {{"uri", encoded(clean)}, {"uriBaseId", "SRCROOT"}};
}

Json source_location(const SourcePlace& place)
{
    Json region{{"startLine", place.line}};
    if (place.column != 0) region["startColumn"] = place.column;
    return {{"physicalLocation", {{"artifactLocation", artifact(place.path)}, {"region", region}}}};
}

// Where in the run's folder the event stands: each log event of an instance is a line of its log.
Json log_location(const History& history, std::uint32_t position)
{
    const auto& event = history.events[position];
    const auto file =
        history.info.instances <= 1 ? std::string{"server.log"} : fmt::format("server.{}.log", event.slot);
    Json location{{"artifactLocation", {{"uri", file}, {"uriBaseId", "RUN"}}}};
    if (event.kind == EventKind::log) {
        const auto line =
            1 + std::count_if(history.events.begin(), history.events.begin() + position,
                              [&](const Event& before) {
                                  return before.kind == EventKind::log && before.slot == event.slot;
                              });
        location["region"] = {{"startLine", line},
                              {"snippet", {{"text", clean_text(history.text(event.text))}}}};
    }
    return {{"physicalLocation", location},
            {"message",
             {{"text", fmt::format("{}: {}", seconds_text(event.at), event_line(history, position))}}}};
}

Json locations_of(const History& history, const Violation& violation, Json& related)
{
    related = Json::array();
    Json locations = Json::array();
    for (const auto& place : source_places(history, violation.evidence)) {
        if (locations.empty())
            locations.push_back(source_location(place));
        else if (related.size() < most_related)
            related.push_back(source_location(place));
    }
    for (const auto position : violation.evidence) {
        if (position >= history.events.size() || history.events[position].user != no_user) continue;
        if (locations.empty())
            locations.push_back(log_location(history, position));
        else if (related.size() < 2 * most_related)
            related.push_back(log_location(history, position));
    }
    std::size_t id = 0;
    for (auto& location : related) {
        location["id"] = ++id;
        if (!location.contains("message")) location["message"] = {{"text", "named in the same report"}};
    }
    return locations;
}

Json result_json(const History& history, const Violation& violation)
{
    Json related;
    auto locations = locations_of(history, violation, related);
    Json result{
        {"ruleId", violation.check},
        {"ruleIndex", rule_of(violation.check)},
        {"level", "error"},
        {"message", {{"text", fmt::format("{}. Expected: {}.", violation.message, violation.expected)}}},
        {"locations", std::move(locations)}};
    if (!related.empty()) result["relatedLocations"] = std::move(related);
    result["partialFingerprints"] = {{"signature/v1", violation.signature}};
    result["properties"] = {{"signature", violation.signature}, {"at", seconds_text(violation.at)}};
    return result;
}

Json rules_json()
{
    Json json = Json::array();
    for (const auto& rule : rules)
        json.push_back({{"id", rule.check},
                        {"name", rule.name},
                        {"shortDescription", {{"text", rule.property}}},
                        {"fullDescription", {{"text", rule.help}}},
                        {"help", {{"text", rule.help}}},
                        {"defaultConfiguration", {{"level", "error"}}}});
    return json;
}

Json results_json(const PreparedReport& report, std::size_t& left_out)
{
    Json results = Json::array();
    for (const auto& check : report.verdict.checks) {
        if (rule_of(check.id) == rules.size()) continue;
        left_out += not_kept(check);
        for (const auto& violation : check.violations) {
            if (results.size() < most_results)
                results.push_back(result_json(report.history, violation));
            else
                ++left_out;
        }
    }
    return results;
}

Json invocation_json(const PreparedReport& report, std::size_t left_out)
{
    Json invocation{{"executionSuccessful", !report.info.interrupted && !report.info.truncated},
                    {"exitCode", exit_status(report.verdict.verdict)},
                    {"commandLine", one_line(report.info.command, longest_command)}};
    if (report.info.started.size() >= 20) invocation["startTimeUtc"] = report.info.started;
    if (left_out > 0)
        invocation["toolExecutionNotifications"] = Json::array(
            {{{"level", "note"},
              {"message",
               {{"text", fmt::format("{} more violations are only counted in verdict.json", left_out)}}}}});
    return invocation;
}

} // namespace

bool has_source_findings(const ReportInput& input)
{
    const auto& checks = input.verdict.checks;
    return std::any_of(checks.begin(), checks.end(), [](const CheckResult& check) {
        return rule_of(check.id) < rules.size() && !check.violations.empty();
    });
}

std::string sarif_json(const ReportInput& input)
{
    const PreparedReport report{input};
    std::size_t left_out = 0;
    auto results = results_json(report, left_out);
    const Json driver{{"name", "wsrace"},
                      {"version", report.info.version},
                      {"semanticVersion", report.info.version},
                      {"rules", rules_json()}};
    const Json bases{{"SRCROOT", {{"description", {{"text", "the folder that the target was built in"}}}}},
                     {"RUN", {{"description", {{"text", "the run's folder"}}}}}};
    const Json run{
        {"tool", {{"driver", driver}}},
        {"automationDetails", {{"id", fmt::format("wsrace/{}/", one_line(report.info.scenario, 200))}}},
        {"invocations", Json::array({invocation_json(report, left_out)})},
        {"originalUriBaseIds", bases},
        {"columnKind", "unicodeCodePoints"},
        {"results", std::move(results)},
        {"properties",
         {{"run", to_string(report.info.run)},
          {"seed", std::to_string(report.info.seed)},
          {"verdict", name(report.verdict.verdict)},
          {"repeat", one_line(report.info.command, longest_command)}}}};
    const Json json{{"$schema", schema_uri}, {"version", "2.1.0"}, {"runs", Json::array({run})}};
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

} // namespace wsrace
