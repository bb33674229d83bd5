// Events of the history, spelled out as the proof of a violation.
#pragma once

#include "core/history.hpp"

#include <cstdint>
#include <string>

namespace wsrace {

// "1.204 s": seconds since the run started, as every report prints an instant.
std::string seconds_text(Instant at);

// One event without its time, on one line and clean: "user 17, connection 1: frame agent_thinking, 412 bytes,
// run r-9". A position that the history does not have is said to be so.
std::string event_line(const History& history, std::uint32_t position);

// The same without whose it is: "frame agent_thinking, 412 bytes, run r-9". `with_text`: and what a frame
// carried, a line said, a fault was.
std::string event_words(const History& history, std::uint32_t position, bool with_text = true);

} // namespace wsrace
