// Which connections of a proxy a fault is for.
#pragma once

#include "scenario/json_node.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace wsrace {

// Counted from 0, both ends included.
struct ConnectionSpan {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
};

// [3, 5]. `alternative` is what the field may hold instead: "a share, as in \"30%\", or ", with its "or".
std::optional<ConnectionSpan> read_connection_span(const JsonNode& node, std::string_view alternative = "");

} // namespace wsrace
