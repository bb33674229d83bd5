// The scenario as a hunt plays it: with deadlines that let a silent run be found in a second.
#pragma once

#include "core/verdict.hpp"
#include "plan/plan.hpp"

#include <vector>

namespace wsrace {

// How long the target's events took when nobody disturbed anybody.
struct EventTimes {
    Duration first_event{}, event{}, run{}; // the longest

    void add(const std::vector<Latency>& latencies);
};

// The same scenario with shorter deadlines for events: twenty times the longest that was seen, and a second
// at least; never longer ones than it has. As it is if it declares something that can make events late:
// faults of dependencies, of the link or of the server, or an ingress.
Scenario with_quick_deadlines(const Scenario& scenario, const EventTimes& seen);

// Whether the plan does something to the target that can make events late: then the scenario's own deadlines
// hold.
bool needs_patience(const Plan& plan);

} // namespace wsrace
