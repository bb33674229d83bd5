// Reads `target.server.ingress`.
#pragma once

#include "scenario/json_node.hpp"
#include "scenario/scenario.hpp"

#include <span>
#include <string_view>

namespace wsrace {

// `server` has been read but for this; `placeholders` are those that a command may use.
IngressSpec read_ingress(const JsonNode& node, const ServerSpec& server,
                         std::span<const std::string_view> placeholders);

} // namespace wsrace
