// The faults of a plan: of the server's life, of its dependencies, of the link; and the ingress.
#pragma once

#include "plan/plan.hpp"
#include "scenario/json_node.hpp"

namespace wsrace {

// Each into the plan; what the scenario's target does not have (instances, dependencies, an ingress) is a
// mistake.
void read_planned_life_cycle(JsonObject& root, const TargetSpec& target, Plan& plan);
void read_planned_dependency_faults(JsonObject& root, const TargetSpec& target, Plan& plan);
void read_planned_link_faults(JsonObject& root, Plan& plan);
void read_planned_ingress(JsonObject& root, const TargetSpec& target, Plan& plan);

// What users' arrivals count from.
bool read_planned_anchor(JsonObject& object, std::string_view field, Arrival::Anchor& anchor);

} // namespace wsrace
