// The `target` of a scenario: a URL, or a server that the harness starts.
#pragma once

#include "scenario/json_node.hpp"
#include "scenario/scenario.hpp"

namespace wsrace {

// Neither URL nor server is fine: the command line can name one.
TargetSpec read_target(JsonObject& root);

} // namespace wsrace
