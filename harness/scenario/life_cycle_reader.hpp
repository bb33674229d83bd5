// Faults of the server itself, out of a scenario's list of faults: those with the field "server".
#pragma once

#include "scenario/json_node.hpp"
#include "scenario/scenario.hpp"

namespace wsrace {

LifeCycleFault read_life_cycle_fault(const JsonNode& node, const TargetSpec& target);

// "server.ready", "server.port_open", ...: leaves `anchor` as it is when the field is absent or wrong.
bool read_anchor(JsonObject& object, Arrival::Anchor& anchor);

} // namespace wsrace
