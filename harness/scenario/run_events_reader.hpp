// The field `run_events` of a profile: which events a run of the target has.
#pragma once

#include "core/run_events.hpp"
#include "scenario/json_node.hpp"

#include <optional>
#include <string>

namespace wsrace {

// A list of types, "learned", or an object with `types`, `order` (chains of types whose first events come in
// this order) and `learned_from` (completed runs). None: it has a mistake, which is recorded.
std::optional<RunEvents> read_run_events(const JsonNode& node);

// The same as JSON, to be read again.
std::string run_events_json(const RunEvents& events);

} // namespace wsrace
