#include "checks/log_patterns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace wsrace {

namespace {

// All plain text: the first look is the only one.
constexpr std::array<std::string_view, 36> default_patterns{
    "DeprecationWarning",                // Python, Node
    "is deprecated and will be removed", //
    "was never awaited",                 // Python
    "RecursionError",                    //
    "maximum recursion depth exceeded",  //
    "object has no attribute",           //
    "Traceback (most recent call last)", //
    "exception was never retrieved",     //
    "Task was destroyed but it is pending",
    "Exception in ASGI application",    //
    "Exception in callback",            // asyncio
    "Unhandled exception",              //
    "Maximum call stack size exceeded", // Node
    "UnhandledPromiseRejection",        //
    "Unhandled promise rejection",      //
    "Unhandled Promise Rejection",      //
    "unhandledRejection",               //
    "Unhandled Rejection",              //
    "Uncaught Exception",               //
    "uncaughtException",                //
    "Cannot read propert",              //
    "MaxListenersExceededWarning",      //
    "panic:",                           // Go
    "fatal error: ",                    //
    "goroutine stack exceeds",          //
    "panicked at",                      // Rust
    "terminate called",                 // C++
    "terminating with uncaught exception",
    "terminating due to uncaught exception",
    "Segmentation fault",
    "double free or corruption",
    "free(): invalid",
    "corrupted size vs. prev_size",
    "pure virtual method called",
    "stack smashing detected",
    "SIGSEGV: segmentation violation", // Go
};

constexpr std::size_t longest_matched =
    2000; // std::regex recurses for each character: longer lines could exhaust the stack

// The longest run of characters that every match must contain; empty where the pattern is too free to say.
std::string required_text(std::string_view pattern)
{
    constexpr std::string_view longer_escapes = "xuc"; // what follows them is no text: \x41, \u0041, \cA
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
            if (i < pattern.size() && longer_escapes.find(pattern[i]) != std::string_view::npos) return {};
        } else if (c == '.' || c == '+' || c == '^' || c == '$') {
            finish();
        } else {
            current += c;
        }
    }
    finish();
    return best;
}

std::string_view matching_default(std::string_view line)
{
    const auto found =
        std::find_if(default_patterns.begin(), default_patterns.end(),
                     [&](std::string_view pattern) { return line.find(pattern) != std::string_view::npos; });
    return found == default_patterns.end() ? std::string_view{} : *found;
}

} // namespace

LogPatterns::LogPatterns(const std::vector<std::string>& own)
{
    for (const auto& source : own) {
        try {
            own_.push_back({source, required_text(source), std::regex{source, std::regex::ECMAScript}});
        } catch (const std::regex_error& error) {
            throw std::runtime_error(fmt::format("log pattern \"{}\": {}", source, error.what()));
        }
    }
}

std::string_view LogPatterns::matching(std::string_view line) const
{
    if (const auto found = matching_default(line); !found.empty()) return found;
    line = line.substr(0, longest_matched);
    for (const Pattern& pattern : own_) {
        if (line.find(pattern.required) == std::string_view::npos) continue;
        if (std::regex_search(line.begin(), line.end(), pattern.expression)) return pattern.source;
    }
    return {};
}

} // namespace wsrace
