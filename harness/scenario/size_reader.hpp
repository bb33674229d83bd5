// Sizes as scenarios write them.
#pragma once

#include "scenario/json_node.hpp"

#include <cstdint>
#include <optional>

namespace wsrace {

// "64MiB": a whole number and KiB, MiB or GiB. In bytes.
std::optional<std::uint64_t> read_size(const JsonNode& node);

} // namespace wsrace
