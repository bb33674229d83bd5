// No line of the target's output matches the default patterns or the scenario's own.
//
// Lines with the same template (core/log_template.hpp) are one finding. A target that was seen to start and
// wrote nothing is skipped: silence is no evidence. Where the output was too large to be kept nothing is
// known about the rest.
#include "checks/cut_output.hpp"
#include "checks/findings.hpp"
#include "checks/judge.hpp"
#include "checks/log_patterns.hpp"
#include "core/log_template.hpp"

#include <fmt/format.h>

#include <map>

namespace wsrace {

namespace {

constexpr std::size_t longest_signature = 100;

struct Match {
    std::string_view pattern;
    std::uint32_t before = nowhere; // the last thing that happened before the first such line
    std::uint64_t count = 0;
    std::vector<std::uint32_t> positions; // the first ones
};

Violation violation_of(const History& history, const std::string& shape, const Match& match)
{
    const Event& line = history.events[match.positions.front()];
    auto message = fmt::format("{} of the target's lines, the first at {}: {}", match.count, moment(line.at),
                               history.text(line.text).substr(0, 500));
    if (match.before != nowhere) {
        const Event& event = history.events[match.before];
        const auto what = event.kind == EventKind::step ? name(event.step()) : name(event.kind);
        message += fmt::format(" ({} after {} of {})", format_duration(line.at - event.at), what, who(event));
    }
    auto violation = violation_at(history, match.positions.front(), shape, std::move(message),
                                  fmt::format("no line that matches \"{}\"", match.pattern));
    violation.evidence = match.positions;
    return violation;
}

} // namespace

CheckResult judge_server_log(const CheckInput& input)
{
    if (!input.expectations.server_output)
        return skipped("server_log", "the target's output is not captured");
    const History& history = input.history;
    const LogPatterns patterns(input.expectations.log_patterns);
    Findings findings("server_log", "lines");
    std::map<std::string, Match> matches;
    std::uint32_t before = nowhere;
    bool started = false;
    for (std::uint32_t position = 0; position < history.events.size(); ++position) {
        const Event& event = history.events[position];
        started = started || event.kind == EventKind::life_cycle;
        if (event.kind != EventKind::log) {
            if (event.user != no_user) before = position;
            continue;
        }
        if (event.value == static_cast<std::int32_t>(LogStream::report)) continue; // for `sanitizer`
        if (event.value == static_cast<std::int32_t>(LogStream::cut)) continue;    // the harness's
        findings.judged();
        const auto line = history.text(event.text);
        const auto pattern = patterns.matching(line);
        if (pattern.empty()) continue;
        Match& match = matches[log_template(line, longest_signature)];
        if (match.count++ == 0) match.before = before;
        match.pattern = pattern;
        if (match.positions.size() < 16) match.positions.push_back(position);
    }
    for (const auto& [shape, match] : matches) findings.add(violation_of(history, shape, match));
    if (started)
        return unless_cut(history, std::move(findings).result_or_skipped("the target wrote nothing"));
    return unless_cut(history,
                      std::move(findings).result("the target wrote nothing, and was not seen to start"));
}

} // namespace wsrace
