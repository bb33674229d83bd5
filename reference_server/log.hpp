// Lines on standard error, "TIME LEVEL COMPONENT MESSAGE". Never pass a token, a password or a whole request
// target.
#pragma once

#include <string_view>

namespace wsrace::reference {

// Any thread; a line is written whole.
void log_warning(std::string_view component, std::string_view message);
void log_error(std::string_view component, std::string_view message);

} // namespace wsrace::reference
