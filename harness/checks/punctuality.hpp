// Whether the harness itself was on time: at starting gates and for constraints. An execution that missed its
// schedule is void: an overloaded harness must not invent findings, nor miss them silently.
#pragma once

#include "core/expectation.hpp"
#include "core/history.hpp"
#include "core/verdict.hpp"

#include <vector>

namespace wsrace {

// Gates, then constraints, each by number; one for every Meeting of the expectations.
// - A gate is missed when connections that could still have come were not there when its time was up, or when
// the p99
//   of the skew (from the first of a group to be released to each of the others) is above the tolerance.
// - A constraint is missed when what it waited for did not come in time, or when the p99 of the lateness is
// above the
//   tolerance.
// - Unmet: fewer than two connections were released at the gate, or no step was done as the constraint says.
// The p99 is the nearest rank: of fewer than a hundred values it is the largest.
std::vector<Punctuality> punctuality(const Expectations& expectations, const History& history);

} // namespace wsrace
