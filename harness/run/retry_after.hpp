// Retry-After (RFC 9110, section 10.2.3), the form in seconds.
#pragma once

#include "core/time.hpp"

#include <optional>
#include <string_view>

namespace wsrace {

// Empty if there is none, or one that cannot be read.
std::optional<Duration> parse_retry_after(std::string_view text);

// "At once" must not become a busy loop.
inline constexpr Duration shortest_retry = std::chrono::milliseconds{10};

} // namespace wsrace
