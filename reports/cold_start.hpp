// What `wsrace coldstart` leaves behind and prints.
#pragma once

#include "core/cold_start.hpp"

#include <filesystem>
#include <string>

namespace wsrace {

std::string cold_start_json(const ColdStartReport& report); // reports/schema/coldstart.schema.json
std::string cold_start_markdown(const ColdStartReport& report);
std::string cold_start_html(const ColdStartReport& report); // one self-contained page
std::string cold_start_terminal(const ColdStartReport& report, bool colours);

// The strip chart: one line of letters, one of ticks, one of numbers; each ends with a line end.
std::string strip_text(const ColdStartReport& report, bool colours);

// Which letters the strip shows, with their meaning: ". all they came for, X 1011".
std::string strip_legend(const ColdStartReport& report);

// Writes coldstart.json, coldstart.md and report.html into `folder`.
void write_cold_start(const std::filesystem::path& folder, const ColdStartReport& report);

} // namespace wsrace
