// What coverage has to say to the strategies: pairs of steps whose interleavings were hardly tried weigh
// more.
#pragma once

#include "explore/coverage_map.hpp"
#include "plan/strategies/strategy.hpp"

#include <map>

namespace wsrace {

// By the words that strategies use. A pair of two users' connections counts with the larger of its two
// orders, since whoever draws a gap may bring about either.
std::map<StepWords, double> steering(const CoverageMap& coverage);

} // namespace wsrace
