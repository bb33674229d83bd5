#include "reports/prepared.hpp"

#include "core/time.hpp"
#include "reports/clean_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace wsrace {

namespace {

constexpr std::size_t longest_command = 20'000; // a command that was cut would repeat something else

void clean(std::string& text) { text = clean_text(text); }

RunInfo cleaned(RunInfo info)
{
    for (auto* text : {&info.scenario, &info.scenario_digest, &info.plan_digest, &info.version, &info.target,
                       &info.started, &info.machine})
        clean(*text);
    info.command = clean_text(info.command, longest_command);
    return info;
}

RunVerdict cleaned(RunVerdict verdict)
{
    clean(verdict.summary);
    for (auto& check : verdict.checks) {
        for (auto* text : {&check.id, &check.sample_unit, &check.reason}) clean(*text);
        for (auto& violation : check.violations)
            for (auto* text :
                 {&violation.check, &violation.signature, &violation.message, &violation.expected})
                clean(*text);
    }
    for (auto& metric : verdict.metrics)
        for (auto* text : {&metric.id, &metric.unit, &metric.explanation}) clean(*text);
    for (auto& latency : verdict.latencies) clean(latency.id);
    for (auto& one : verdict.schedule)
        for (auto* text : {&one.id, &one.text, &one.explanation}) clean(*text);
    return verdict;
}

std::vector<ReportedFailure> cleaned(std::vector<ReportedFailure> failures)
{
    for (auto& failure : failures) {
        clean(failure.key);
        for (auto* texts : {&failure.details, &failure.also_seen})
            for (auto& text : *texts) clean(text);
    }
    return failures;
}

// The groups of one check, the largest first; equal ones as they were found.
std::vector<SignatureGroup> groups_of(const CheckResult& check)
{
    std::vector<SignatureGroup> groups;
    std::map<std::string_view, std::size_t> places;
    std::vector<std::set<UserId>> users;
    for (const auto& violation : check.violations) {
        const auto [place, is_new] = places.try_emplace(violation.signature, groups.size());
        if (is_new) {
            groups.push_back({.check = check.id, .signature = violation.signature, .violations = {}});
            users.emplace_back();
        }
        groups[place->second].violations.push_back(&violation);
        if (violation.connection) users[place->second].insert(violation.connection->user);
        if (violation.other_user) users[place->second].insert(*violation.other_user);
    }
    for (std::size_t i = 0; i < groups.size(); ++i) {
        groups[i].count = groups[i].violations.size();
        groups[i].users = users[i].size();
    }
    std::stable_sort(groups.begin(), groups.end(),
                     [](const auto& a, const auto& b) { return a.count > b.count; });
    return groups;
}

// A check with many kinds of violations must not push the only one of another check off the screen.
std::vector<SignatureGroup> all_groups(const RunVerdict& verdict)
{
    std::vector<std::vector<SignatureGroup>> by_check;
    std::size_t most = 0;
    for (const auto& check : verdict.checks) {
        by_check.push_back(groups_of(check));
        most = std::max(most, by_check.back().size());
    }
    std::vector<SignatureGroup> groups;
    for (std::size_t rank = 0; rank < most; ++rank)
        for (auto& of_check : by_check)
            if (rank < of_check.size()) groups.push_back(std::move(of_check[rank]));
    return groups;
}

// What explains the others comes first.
std::vector<SignatureGroup> by_failure(std::vector<SignatureGroup> groups,
                                       const std::vector<ReportedFailure>& failures)
{
    for (auto& group : groups) {
        const auto is_it = [&group](const ReportedFailure& failure) {
            return std::find(failure.details.begin(), failure.details.end(), group.signature) !=
                   failure.details.end();
        };
        const auto found = std::find_if(failures.begin(), failures.end(), is_it);
        group.failure = static_cast<std::size_t>(found - failures.begin());
    }
    std::stable_sort(groups.begin(), groups.end(),
                     [](const auto& a, const auto& b) { return a.failure < b.failure; });
    return groups;
}

std::string percent(double rate) { return fmt::format("{:.4g} %", rate * 100); }

std::string quantity(double value, const std::string& unit)
{
    if (!std::isfinite(value)) return "unknown";
    if (unit == "rate") return percent(value);
    if (unit == "ns") return format_duration(Duration{static_cast<std::int64_t>(value)});
    if (value >= 1000 && value < 1e15) return fmt::format("{} {}", grouped(std::llround(value)), unit);
    return fmt::format("{:.4g} {}", value, unit);
}

} // namespace

PreparedReport::PreparedReport(const ReportInput& input)
    : info{cleaned(input.info)}, verdict{cleaned(input.verdict)}, history{input.history},
      out{clean_text(input.out)}, failures{cleaned(input.failures)}, groups{by_failure(all_groups(verdict),
                                                                                       failures)}
{}

std::string who(const Violation& violation)
{
    if (!violation.connection) return "the target";
    auto text = to_string(*violation.connection);
    if (violation.request) text += fmt::format(", request {}", *violation.request);
    if (violation.other_user) text += fmt::format(", data of {}", to_string(*violation.other_user));
    return text;
}

std::string how_often(const SignatureGroup& group)
{
    auto text = group.count == 1 ? std::string{"once"} : fmt::format("{} times", group.count);
    if (group.users > 0) text += fmt::format(", {} {}", group.users, group.users == 1 ? "user" : "users");
    return text;
}

std::string sample_text(const CheckResult& check)
{
    return fmt::format("{} {}", grouped(check.sample_size), check.sample_unit);
}

std::string value_text(const Metric& metric)
{
    auto text = quantity(metric.value, metric.unit);
    if (metric.low == metric.high) return text;
    return text +
           fmt::format(" ({} to {})", quantity(metric.low, metric.unit), quantity(metric.high, metric.unit));
}

std::string volume_text(const PreparedReport& report)
{
    const auto& counts = report.verdict.counts;
    return fmt::format("{} users, {} frames in {}", grouped(counts.users), grouped(counts.frames),
                       format_duration(report.history.duration()));
}

std::string headline(const PreparedReport& report)
{
    std::string verdict{name(report.verdict.verdict)};
    std::transform(verdict.begin(), verdict.end(), verdict.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return fmt::format("{} {}", verdict, one_line(report.info.scenario, 60));
}

std::uint64_t not_kept(const CheckResult& check)
{
    const std::uint64_t kept = check.violations.size();
    return check.violation_count > kept ? check.violation_count - kept : 0;
}

} // namespace wsrace
