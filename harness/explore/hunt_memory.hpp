// What a hunt has learned, kept between nights in one JSON file: interleaving coverage, what the strategies
// are worth, clusters of failures, novelty keys, how long replies take.
//
// A file belongs to one scenario, by its digest: another scenario's coverage and latencies would make this
// one's races look tried. So the file of another digest is refused, not read in part.
//
// Writing is atomic (explore/durable_file.hpp). Two hunts that share a file do not damage it, but do not add
// up either: each writes what it read and learned itself, and the last one to write wins.
#pragma once

#include "core/problem.hpp"
#include "explore/bandit.hpp"
#include "explore/clusters.hpp"
#include "explore/coverage_map.hpp"
#include "explore/near_miss.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

inline constexpr int hunt_memory_version = 1;

struct HuntMemory {
    std::string scenario; // its name
    std::string scenario_digest;
    std::string updated;      // wall clock, ISO 8601; empty: never
    std::uint64_t nights = 0; // hunts that have written it
    CoverageMap coverage;
    BanditState bandit;
    Clusters clusters;
    NearMisses near_misses;
};

struct LoadedHuntMemory {
    std::optional<HuntMemory> memory; // none: there are problems
    std::vector<Problem> problems;    // each with file and JSON path
};

// An empty one if there is no such file.
LoadedHuntMemory load_hunt_memory(const std::filesystem::path& file, const std::string& scenario,
                                  const std::string& scenario_digest);

// Throws std::system_error that names the file.
void save_hunt_memory(const std::filesystem::path& file, const HuntMemory& memory);

// The two halves, for whoever has the text already. `file` is for the problems.
std::string hunt_memory_json(const HuntMemory& memory);
LoadedHuntMemory read_hunt_memory(std::string_view text, const std::string& file,
                                  const std::string& scenario_digest);

} // namespace wsrace
