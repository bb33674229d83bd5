// Wall-clock texts for frames and logs.
#pragma once

#include <chrono>
#include <string>

namespace wsrace::reference {

// "2026-01-01T00:00:00.123Z"
std::string iso8601(std::chrono::system_clock::time_point time);

// Never goes back while the process lives: the steady clock, anchored once to the wall clock.
std::string timestamp_now();

// Seconds since 1970, for tokens.
std::chrono::sys_seconds unix_now();

} // namespace wsrace::reference
