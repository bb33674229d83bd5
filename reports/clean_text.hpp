// Text that the target controls, made fit to be shown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wsrace {

// Secrets redacted; what is not valid UTF-8, and characters that steer a terminal, reorder a line or have no
// place in XML, spelled out ("\x1b", "\u202e"); cut after `limit` bytes, saying so. Line ends and tabs stay.
std::string clean_text(std::string_view text, std::size_t limit = 2000);

// Clean text on one line: line ends and tabs become single spaces; cut to `limit` characters.
std::string one_line(std::string_view clean, std::size_t limit);

// A number with blanks between groups of three: "12 345".
std::string grouped(std::size_t number);

} // namespace wsrace
