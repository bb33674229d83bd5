// The `checks` of a scenario: which are on, and what some of them are told.
#pragma once

#include "core/expectation.hpp"
#include "scenario/json_node.hpp"

namespace wsrace {

// `has_url`: the harness does not start the target, so that nothing can be said about its output.
void read_checks(const JsonNode& node, bool has_url, Expectations& expectations);

} // namespace wsrace
