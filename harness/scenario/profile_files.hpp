// Where profiles come from: files by path or name, one extending another, or an object inside a scenario.
#pragma once

#include "scenario/json_node.hpp"
#include "scenario/profile.hpp"

#include <filesystem>
#include <optional>
#include <vector>

namespace wsrace {

// A scenario's `profile`: a name, a path, or an object with the fields of a profile (usually "extends" and
// what differs).
std::optional<Profile> read_profile(const JsonNode& node,
                                    const std::vector<std::filesystem::path>& search_path);

} // namespace wsrace
