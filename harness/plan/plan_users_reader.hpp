// Who takes part in a plan: roles, users and their delays.
#pragma once

#include "plan/plan.hpp"
#include "scenario/json_node.hpp"

namespace wsrace {

// Into Plan::roles and Plan::connections; the journeys have been read before.
void read_planned_roles(JsonObject& root, Plan& plan);

// Into Plan::users; the roles have been read before, and are right.
void read_planned_users(JsonObject& root, const Deadlines& deadlines, Plan& plan);

} // namespace wsrace
