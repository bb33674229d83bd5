// One step of a journey.
#pragma once

#include "core/step_spec.hpp"
#include "scenario/json_node.hpp"

#include <optional>
#include <string_view>

namespace wsrace {

// `settings` is what stands behind the step's name, if anything does; `node` is the whole step, for messages.
std::optional<StepSpec> read_step(const JsonNode& node, std::string_view step,
                                  const std::optional<JsonNode>& settings);

} // namespace wsrace
