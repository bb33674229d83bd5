// Who waits for whom in a plan.
#pragma once

#include "plan/plan.hpp"
#include "scenario/json_node.hpp"

namespace wsrace {

// Into Plan::gates and Plan::constraints; users and journeys have been read before, and are right.
void read_planned_meetings(JsonObject& root, Plan& plan);

} // namespace wsrace
