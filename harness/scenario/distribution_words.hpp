// Distributions in words.
#pragma once

#include "core/step_spec.hpp"

#include <string>
#include <string_view>

namespace wsrace {

// "20 ms", "1 ms to 9 ms", "1 ms to 500 ms (log-uniform)", "about 20 ms (exponential)", and so on.
std::string describe(const Distribution& distribution);

// "fixed", "uniform", ...
std::string_view name(Distribution::Kind kind);

} // namespace wsrace
