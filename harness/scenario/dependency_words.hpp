// Faults of dependencies in words: for documents, explanations and messages.
#pragma once

#include "scenario/scenario.hpp"

#include <string>
#include <string_view>

namespace wsrace {

// "delay", "hang", "refuse", "cut".
std::string_view name(DependencyFault::Kind kind);

// "auth: every answer 300 ms later, until the server is ready".
std::string describe(const DependencyFault& fault);

} // namespace wsrace
