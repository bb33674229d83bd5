// What a supervised server depends on, and the faults of these dependencies.
#pragma once

#include "scenario/json_node.hpp"
#include "scenario/scenario.hpp"

#include <vector>

namespace wsrace {

// `dependencies` of a server, and every `{dependency.NAME}` and `{upstream.NAME}` in its command and
// environment: each must name one, and none may be left out.
std::vector<Dependency> read_dependencies(JsonObject& server);

// Whether an entry of `faults` is about a dependency.
bool is_dependency_fault(const JsonNode& fault);

// The entries of `faults` that are about dependencies; others are passed over.
std::vector<DependencyFault> read_dependency_faults(JsonObject& root, const TargetSpec& target);

} // namespace wsrace
