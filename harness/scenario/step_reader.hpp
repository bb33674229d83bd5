// One step of a journey.
#pragma once

#include "core/step_spec.hpp"
#include "scenario/json_node.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wsrace {

// `settings` is what stands behind the step's name, if anything does; `node` is the whole step, for messages.
// Nothing if the step is none that there is; wrong settings are mistakes of a step that is known all the
// same.
std::optional<StepSpec> read_step(const JsonNode& node, std::string_view step,
                                  const std::optional<JsonNode>& settings);

// The message that carries a request: start_agent, user_message or chat.
std::optional<std::string> read_message(const JsonNode& node);

} // namespace wsrace
