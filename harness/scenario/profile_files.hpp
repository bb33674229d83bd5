// Where profiles come from: files by path or name, one extending another, or an object inside a scenario.
#pragma once

#include "scenario/json_node.hpp"
#include "scenario/profile.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>
#include <vector>

namespace wsrace {

struct ResolvedProfile {
    Profile profile;
    Json document; // with everything that it extends merged in: reading it again needs no other file
};

// A scenario's `profile`: a name, a path, or an object with the fields of a profile (usually
// "extends" and what differs).
std::optional<ResolvedProfile> read_profile(const JsonNode& node,
                                            const std::vector<std::filesystem::path>& search_path);

} // namespace wsrace
