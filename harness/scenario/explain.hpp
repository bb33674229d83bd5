// What a scenario does, in sentences: `wsrace check SCENARIO`.
#pragma once

#include "scenario/scenario.hpp"

#include <string>

namespace wsrace {

// Several lines, each ended: users and arrival, journeys, faults, what is checked, limits.
std::string explain(const Scenario& scenario);

// `request "hello {canary}" in thread "plans"`, `pause 20 ms`, `close 1000`: one step as a person would say
// it.
std::string describe(const StepSpec& step);

} // namespace wsrace
