// A part of those who could be meant.
#pragma once

#include "scenario/json_node.hpp"

#include <optional>
#include <string_view>

namespace wsrace {

// "30%" is 0.3. `of` says of what, for the mistake: "users".
std::optional<double> read_share(const JsonNode& node, std::string_view of);

} // namespace wsrace
