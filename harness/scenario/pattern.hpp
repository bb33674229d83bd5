// Regular expressions in a document.
#pragma once

#include "scenario/json_node.hpp"

#include <string>

namespace wsrace {

// Whether it is a regular expression (ECMAScript); a mistake if not.
bool check_pattern(const JsonNode& node, const std::string& pattern);

} // namespace wsrace
