// What happened in one run, in the order in which it happened, a column for each connection.
#pragma once

#include "reports/report.hpp"

namespace wsrace {

inline constexpr std::size_t most_timeline_rows = 400;

// Markdown: what the users and the target did, times in ms since the first of it, and marks where a violation
// was seen. Of a long run the rows before and around the first violation.
std::string timeline_markdown(const ReportInput& input);

// Writes timeline.md into `folder`.
void write_timeline(const std::filesystem::path& folder, const ReportInput& input);

} // namespace wsrace
