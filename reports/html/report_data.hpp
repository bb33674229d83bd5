// What report.html shows, as JSON. Bounded: what a large run has more of is counted.
#pragma once

#include "reports/html/scene.hpp"

#include <string>

namespace wsrace {

// Files of the run's folder that the page quotes.
struct QuotedFiles {
    std::string scenario; // scenario.json
    std::string plan;     // plan.json, or its beginning
};
inline constexpr std::size_t longest_quote = 48 * 1024; // bytes

// The largest page that is written, in bytes, unless there is more than that outside of the lanes.
inline constexpr std::size_t largest_page = 5'000'000;

struct HtmlLimits {
    SceneLimits scenes = {};
    std::size_t groups = 60;           // that are listed
    std::size_t rows = 20;             // violations of a group
    std::size_t users = 40;            // numbers of users
    std::size_t longest_frame = 1'500; // bytes of a payload
    std::size_t frames = 1'000'000;    // bytes of all payloads
    std::size_t longest_line = 200;    // characters of an event, and twice as many of a violation in a list
};

// One object: {"format_version", "kind": "run", "verdict", "void", "headline", "summary", "run", "repeat",
// "levels", "checks", "groups", "groups_left", "windows", "latencies", "over_time", "endings", "refusals",
// "schedule", "usage", "files"}; reports/html/*.js reads it. All text in it is clean.
std::string report_data(const PreparedReport& report, const QuotedFiles& files,
                        const HtmlLimits& limits = {});

} // namespace wsrace
