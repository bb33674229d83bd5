// No line of the target's output matches the default patterns or the scenario's own.
//
// Lines that differ only in numbers are one finding. A target that was seen to start and wrote nothing is skipped: silence is no evidence.
#include "checks/findings.hpp"
#include "checks/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <regex>
#include <stdexcept>

namespace wsrace {

namespace {

// How runtimes spell what should never be in a log. All plain text: the first look is the only one.
constexpr std::array<std::string_view, 27> default_patterns{
    "DeprecationWarning",                // Python, Node
    "is deprecated and will be removed", //
    "was never awaited",                 // Python
    "RecursionError",                    //
    "maximum recursion depth exceeded",  //
    "object has no attribute",           //
    "Traceback (most recent call last)", //
    "exception was never retrieved",     //
    "Task was destroyed but it is pending",
    "Maximum call stack size exceeded", // Node
    "UnhandledPromiseRejection",        //
    "Unhandled promise rejection",      //
    "Unhandled Promise Rejection",      //
    "unhandledRejection",               //
    "Unhandled Rejection",              //
    "Uncaught Exception",               //
    "uncaughtException",                //
    "Cannot read propert",              //
    "panic:",                           // Go
    "fatal error: ",                    //
    "goroutine stack exceeds",          //
    "panicked at",                      // Rust
    "terminate called",                 // C++
    "terminating with uncaught exception",
    "terminating due to uncaught exception",
    "Segmentation fault",
    "double free or corruption",
};

constexpr std::size_t longest_matched = 2000; // std::regex recurses for each character: longer lines could exhaust the stack
constexpr std::size_t longest_signature = 100;

// The longest run of characters that every match must contain; empty where the pattern is too free to say.
std::string required_text(std::string_view pattern)
{
    if (pattern.find_first_of("|([{") != std::string_view::npos) return {};
    std::string best;
    std::string current;
    const auto finish = [&] {
        if (current.size() > best.size()) best = current;
        current.clear();
    };
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        if (c == '*' || c == '?') {
            if (!current.empty()) current.pop_back();
            finish();
        } else if (c == '\\') {
            finish();
            ++i;
        } else if (c == '.' || c == '+' || c == '^' || c == '$') {
            finish();
        } else {
            current += c;
        }
    }
    finish();
    return best;
}

struct Pattern {
    std::string source;
    std::string required;
    std::regex expression;
};

std::vector<Pattern> compile(const std::vector<std::string>& sources)
{
    std::vector<Pattern> patterns;
    for (const auto& source : sources) {
        try {
            patterns.push_back({source, required_text(source), std::regex{source, std::regex::ECMAScript}});
        } catch (const std::regex_error& error) {
            throw std::runtime_error(fmt::format("log pattern \"{}\": {}", source, error.what()));
        }
    }
    return patterns;
}

std::string_view matching_default(std::string_view line)
{
    const auto found = std::find_if(default_patterns.begin(), default_patterns.end(), [&](std::string_view pattern) {
        return line.find(pattern) != std::string_view::npos;
    });
    return found == default_patterns.end() ? std::string_view{} : *found;
}

std::string_view matching(const std::vector<Pattern>& patterns, std::string_view line)
{
    if (const auto found = matching_default(line); !found.empty()) return found;
    line = line.substr(0, longest_matched);
    for (const Pattern& pattern : patterns) {
        if (line.find(pattern.required) == std::string_view::npos) continue;
        if (std::regex_search(line.begin(), line.end(), pattern.expression)) return pattern.source;
    }
    return {};
}

// The line without what differs from one occurrence to the next: numbers, times, addresses, ids in hexadecimal.
std::string line_template(std::string_view line)
{
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto hex = [&](char c) { return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
    std::string out;
    for (std::size_t i = 0; i < line.size() && out.size() < longest_signature;) {
        std::size_t end = i;
        bool number = false;
        while (end < line.size() && (hex(line[end]) || (number && line[end] == 'x'))) number |= digit(line[end++]);
        const bool joined = end < line.size() && ((line[end] >= 'a' && line[end] <= 'z') || line[end] == '_');
        if (number && !joined) {
            out += '#';
            i = end;
        } else if (digit(line[i])) {
            out += '#';
            while (i < line.size() && digit(line[i])) ++i;
        } else {
            out += line[i++];
        }
    }
    return out;
}

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
    if (!input.expectations.server_output) return skipped("server_log", "the target's output is not captured");
    const History& history = input.history;
    const auto patterns = compile(input.expectations.log_patterns);
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
        findings.judged();
        const auto line = history.text(event.text);
        const auto pattern = matching(patterns, line);
        if (pattern.empty()) continue;
        Match& match = matches[line_template(line)];
        if (match.count++ == 0) match.before = before;
        match.pattern = pattern;
        if (match.positions.size() < 16) match.positions.push_back(position);
    }
    for (const auto& [shape, match] : matches) findings.add(violation_of(history, shape, match));
    if (started) return std::move(findings).result_or_skipped("the target wrote nothing");
    return std::move(findings).result("the target wrote nothing, and was not seen to start");
}

} // namespace wsrace
