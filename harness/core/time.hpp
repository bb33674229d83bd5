// Time as the whole harness speaks it: a monotonic instant since the start of an execution.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace wsrace {

using Duration = std::chrono::nanoseconds;

// Nanoseconds since the execution started, on std::chrono::steady_clock; comparable across the execution's
// threads.
using Instant = std::chrono::nanoseconds;

// "250us", "5ms", "1.5s", "2m", "1h"; nothing else: a number without a unit is not a duration. Never
// negative.
std::optional<Duration> parse_duration(std::string_view text);

// Three significant digits and the unit a person would choose: "1.24 s", "318 us", "5 ms".
std::string format_duration(Duration duration);

// What each of several tasks may take of the time that is left, the first of them now; none if it is over.
Duration equal_share(Duration left, std::size_t tasks);

// ISO 8601 with or without zone (no zone is read as UTC), or seconds since the epoch as a decimal number.
std::optional<std::chrono::microseconds> parse_timestamp(std::string_view text);

// "2026-01-01T00:00:00.123Z".
std::string format_wall_clock(std::chrono::system_clock::time_point time);

} // namespace wsrace
