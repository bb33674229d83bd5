// The settings of `connect` and of what controls a connection byte by byte.
#pragma once

#include "core/step_spec.hpp"
#include "scenario/json_node.hpp"

#include <optional>
#include <string_view>

namespace wsrace {

// {"upgrade": {"trickle": "1ms"}, "abort": {...}, "receive_buffer": 4096, "pongs": "withhold"}
// The caller rejects what is unknown.
ConnectSpec read_connect(JsonObject& connect);

// "fin", "reset", "half_close", "silence"; `kind` says what it is the way of.
std::optional<Ending> read_ending(const JsonNode& node, std::string_view kind);

} // namespace wsrace
