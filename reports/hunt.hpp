// What `wsrace hunt` and `wsrace shrink` leave behind and print.
#pragma once

#include "core/hunt.hpp"

#include <filesystem>
#include <string>

namespace wsrace {

std::string hunt_json(const HuntReport& report); // reports/schema/hunt.schema.json
std::string hunt_markdown(const HuntReport& report);
std::string hunt_html(const HuntReport& report); // one self-contained page
std::string hunt_terminal(const HuntReport& report, bool colours);

// What is left of a plan, and how often it fails: for a terminal, indented by `margin` blanks.
std::string reproducer_text(const Reproducer& reproducer, std::size_t margin);

// "83 % (64 % to 93 %, 20 of 24)"
std::string rate_text(std::uint64_t failed, std::uint64_t played);

// Writes hunt.json, hunt.md, coverage.json and report.html into `folder`.
void write_hunt(const std::filesystem::path& folder, const HuntReport& report);

} // namespace wsrace
