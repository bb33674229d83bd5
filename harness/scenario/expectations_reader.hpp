// The `deadlines`, `events` and `checks` of a scenario: what must hold.
#pragma once

#include "core/expectation.hpp"
#include "scenario/json_node.hpp"

#include <span>
#include <string_view>

namespace wsrace {

// Every id that `checks` may name, in the order of reports.
std::span<const std::string_view> check_ids();

// `server_output`: the harness starts the target and sees what it prints.
Expectations read_expectations(JsonObject& root, bool has_url, bool server_output);

} // namespace wsrace
