// How long something takes, as scenarios write it.
#pragma once

#include "core/step_spec.hpp"
#include "scenario/distribution_words.hpp"
#include "scenario/json_node.hpp"

#include <optional>

namespace wsrace {

// "20ms", {"uniform": ["1ms", "9ms"]}, {"log_uniform": ["1ms", "500ms"]}, {"exponential": "20ms"},
// {"normal": ["20ms", "5ms"]} (mean, standard deviation) or {"log_normal": ["20ms", "80ms"]} (median, 95th
// percentile).
std::optional<Distribution> read_distribution(const JsonNode& node);

} // namespace wsrace
