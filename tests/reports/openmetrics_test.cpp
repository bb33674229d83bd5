#include "reports/live_metrics.hpp"
#include "reports/sample_report.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <regex>
#include <set>
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

// What is wrong with it by OpenMetrics 1.0, as far as this project uses that: metadata before samples, one
// block for each family, suffixes by type, units as the last word, no sample twice, # EOF once and last.
std::string complaints(const std::string& text)
{
    static const std::regex type{"# TYPE ([a-z_]+) (info|gauge|counter|stateset|histogram|summary)"};
    static const std::regex unit{"# UNIT ([a-z_]+) ([a-z_]+)"};
    static const std::regex help{"# HELP ([a-z_]+) .+"};
    static const std::regex sample{
        R"(([a-z_]+)\{([a-z_]+="([^"\\]|\\["\\n])*",?)+\} (NaN|[-+]Inf|-?[0-9.]+(e[-+]?[0-9]+)?))"};
    auto lines = lines_of(text);
    if (lines.empty() || lines.back() != "# EOF") return "no # EOF at its end";
    lines.pop_back();
    std::set<std::string> families;
    std::set<std::string> seen;
    std::string family;
    std::string kind;
    for (const auto& line : lines) {
        std::smatch match;
        if (std::regex_match(line, match, type)) {
            family = match[1];
            kind = match[2];
            if (!families.insert(family).second) return "a family twice: " + line;
        } else if (std::regex_match(line, match, unit)) {
            if (match[1] != family || !family.ends_with("_" + match[2].str()))
                return "a unit not in the name: " + line;
        } else if (std::regex_match(line, match, help)) {
            if (match[1] != family) return "help of another family: " + line;
        } else if (std::regex_match(line, match, sample)) {
            const auto suffix =
                match[1].str().starts_with(family) ? match[1].str().substr(family.size()) : "?";
            const bool fits = kind == "info"      ? suffix == "_info"
                              : kind == "counter" ? suffix == "_total"
                              : kind == "histogram"
                                  ? suffix == "_bucket" || suffix == "_count" || suffix == "_sum"
                                  : suffix.empty();
            if (!fits) return "a suffix that is not of a " + kind + ": " + line;
            if (!seen.insert(line.substr(0, line.rfind(' '))).second) return "a sample twice: " + line;
        } else {
            return "not a line of OpenMetrics: " + line;
        }
    }
    return {};
}

bool has_line(const std::string& text, const std::string& line)
{
    const auto lines = lines_of(text);
    return std::find(lines.begin(), lines.end(), line) != lines.end();
}

} // namespace

TEST_CASE("metrics.prom is OpenMetrics, whatever the run was and the target says")
{
    for (const auto& report : {passing_report(), failing_report(), void_report(), SampleReport{}})
        CHECK(complaints(openmetrics_text(report.input())) == "");
    CHECK(complaints(openmetrics_text(hostile_report("a\"b\\c\nd} 7\n# EOF\x1b\xff").input())) == "");
}

TEST_CASE("The strict reader refuses what is not OpenMetrics")
{
    const auto text = openmetrics_text(passing_report().input());
    const auto changed = [&](const std::string& from, const std::string& to) {
        auto copy = text;
        REQUIRE(copy.find(from) != std::string::npos);
        return complaints(copy.replace(copy.find(from), from.size(), to));
    };
    CHECK(complaints(text.substr(0, text.size() - 6)) != "");
    CHECK(changed("# EOF", "# EOF\n# EOF") != "");
    CHECK(changed("wsrace_requests_total", "wsrace_requests") != "");
    CHECK(changed("# UNIT wsrace_latency_seconds seconds", "# UNIT wsrace_latency_seconds ms") != "");
    CHECK(changed("wsrace_users{", "wsrace_users ") != "");
    CHECK(changed("# TYPE wsrace_users gauge", "# TYPE wsrace_verdict gauge") != "");
}

TEST_CASE("Counts, verdicts and service levels are there in base units")
{
    const auto text = openmetrics_text(failing_report().input());
    CHECK(has_line(text, "wsrace_users{scenario=\"cold_start\"} 200"));
    CHECK(has_line(text, "wsrace_connections_opened_total{scenario=\"cold_start\"} 361"));
    CHECK(has_line(text, "wsrace_run_duration_seconds{scenario=\"cold_start\"} 12.4"));
    CHECK(has_line(text, "wsrace_run_start_time_seconds{scenario=\"cold_start\"} 1767225600.123"));
    CHECK(has_line(text, "wsrace_verdict{scenario=\"cold_start\",wsrace_verdict=\"fail\"} 1"));
    CHECK(has_line(text, "wsrace_verdict{scenario=\"cold_start\",wsrace_verdict=\"pass\"} 0"));
    CHECK(has_line(text, "wsrace_violations_total{scenario=\"cold_start\",check=\"isolation\"} 212"));
    CHECK(has_line(
        text,
        "wsrace_check_verdict{scenario=\"cold_start\",check=\"isolation\",wsrace_check_verdict=\"fail\"} 1"));
    CHECK(has_line(text, "wsrace_received_frames_total{scenario=\"cold_start\",type=\"agent_thinking\"} 1"));
    CHECK(has_line(text, "wsrace_received_bytes_total{scenario=\"cold_start\"} 412"));
    CHECK(has_line(
        text, "wsrace_connection_ends_total{scenario=\"cold_start\",end=\"peer_closed\",code=\"1011\"} 1"));
    CHECK(has_line(
        text,
        "wsrace_service_level_ratio{scenario=\"cold_start\",metric=\"golden_path\",bound=\"low\"} 0.964"));
    CHECK(has_line(text, "wsrace_service_level_seconds{scenario=\"cold_start\",metric=\"event_latency\","
                         "bound=\"value\"} 0.612"));
    CHECK(has_line(text, "wsrace_latency_quantiles_seconds{scenario=\"cold_start\",operation=\"login\","
                         "quantile=\"0.5\"} 0.0023"));
}

TEST_CASE("What is told of a run that still goes on is OpenMetrics, too")
{
    const auto text = live_openmetrics({.scenario = "so\"ak",
                                        .passed = std::chrono::milliseconds{1500},
                                        .users = 7,
                                        .connections = 5,
                                        .requests = 12,
                                        .runs_ended = 11,
                                        .frames = 60,
                                        .suspicious = 1});
    CHECK(complaints(text) == "");
    CHECK(has_line(text, "wsrace_live_duration_seconds{scenario=\"so\\\"ak\"} 1.5"));
    CHECK(has_line(text, "wsrace_live_connections{scenario=\"so\\\"ak\"} 5"));
    CHECK(has_line(text, "wsrace_live_runs_ended_total{scenario=\"so\\\"ak\"} 11"));
}

TEST_CASE("A histogram's buckets add up, and hold what their limits say")
{
    auto report = passing_report();
    auto& latency = report.verdict.latencies.front();
    using std::chrono::microseconds;
    latency.count = 8;
    latency.bins = {{microseconds{70}, microseconds{100}, 1},
                    {microseconds{100}, microseconds{150}, 2},
                    {microseconds{150}, microseconds{200}, 1},
                    {microseconds{200}, microseconds{300}, 3},
                    {std::chrono::seconds{700}, Duration::max(), 1}};
    latency.sum = std::chrono::milliseconds{1500};
    const auto text = openmetrics_text(report.input());
    CHECK(complaints(text) == "");
    const std::string head = "wsrace_latency_seconds_bucket{scenario=\"cold_start\",operation=\"login\",le=";
    CHECK(has_line(text, head + "\"0.0001\"} 1"));
    CHECK(has_line(text, head + "\"0.0002\"} 4"));
    CHECK(has_line(text, head + "\"0.0005\"} 7"));
    CHECK(has_line(text, head + "\"100\"} 7"));
    CHECK(has_line(text, head + "\"+Inf\"} 8"));
    CHECK(has_line(text, "wsrace_latency_seconds_sum{scenario=\"cold_start\",operation=\"login\"} 1.5"));
    CHECK(has_line(text, "wsrace_latency_seconds_count{scenario=\"cold_start\",operation=\"login\"} 8"));
}
