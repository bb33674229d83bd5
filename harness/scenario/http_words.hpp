// Which words may stand in an HTTP request or an environment.
#pragma once

#include <string_view>

namespace wsrace {

bool is_http_token(std::string_view text);      // RFC 9110, section 5.6.2: names of headers, subprotocols
bool is_reserved_header(std::string_view name); // what the harness itself writes into the upgrade
bool is_variable_name(std::string_view text);   // letters, digits, underscores; no digit first

} // namespace wsrace
