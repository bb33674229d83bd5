// A share of the users, as scenarios write it.
#pragma once

#include "scenario/json_node.hpp"

#include <optional>

namespace wsrace {

// "30%" is 0.3; above 0 and up to 100 percent.
std::optional<double> read_share(const JsonNode& node);

} // namespace wsrace
