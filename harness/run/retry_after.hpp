// Retry-After (RFC 9110, section 10.2.3), the form in seconds.
#pragma once

#include "core/time.hpp"

#include <string_view>

namespace wsrace {

// Zero if there is none, or one that cannot be read.
Duration parse_retry_after(std::string_view text);

} // namespace wsrace
