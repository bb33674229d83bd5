// Retry-After as a target wrote it (RFC 9110, section 10.2.3): seconds, or a date.
#pragma once

#include "core/time.hpp"

#include <optional>
#include <string_view>

namespace wsrace {

// The form in whole seconds; empty for anything else.
std::optional<Duration> retry_delay(std::string_view text);

// Whether it is an HTTP date ("Sun, 06 Nov 1994 08:49:37 GMT", RFC 9110, section 5.6.7). How long that is
// from now depends on the target's clock, so nobody can be held to it.
bool is_http_date(std::string_view text);

} // namespace wsrace
