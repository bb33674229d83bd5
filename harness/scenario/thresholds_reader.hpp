// The `thresholds` of a scenario: service levels.
#pragma once

#include "core/expectation.hpp"
#include "scenario/json_node.hpp"

namespace wsrace {

void read_thresholds(const JsonNode& node, Thresholds& thresholds);

} // namespace wsrace
