// The scenario to play and to judge a plan by.
#pragma once

#include "plan/plan.hpp"

namespace wsrace {

// What the plan fixes replaces what the scenario says about it: how many users and connections, what arrivals
// count from, faults, the ingress's settings, and the gates and constraints whose schedule the harness must
// keep, with the plan's tolerances and titles. Everything else (target, profile, deadlines, checks) is the
// scenario's, and so are its digest and its text.
Scenario as_planned(Scenario scenario, const Plan& plan);

} // namespace wsrace
