// How long something takes, as scenarios write it.
#pragma once

#include "core/step_spec.hpp"
#include "scenario/json_node.hpp"

#include <optional>
#include <string>

namespace wsrace {

// "20ms", {"uniform": ["1ms", "9ms"]}, {"log_uniform": ["1ms", "500ms"]} or {"exponential": "20ms"}.
std::optional<Distribution> read_distribution(const JsonNode& node);

// "20 ms", "1 ms to 9 ms", "1 ms to 500 ms (log-uniform)", "about 20 ms (exponential)".
std::string describe(const Distribution& distribution);

} // namespace wsrace
