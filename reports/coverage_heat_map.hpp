// Interleaving coverage as a person and a program read it: pairs of steps by gaps, with how often each cell
// was hit.
#pragma once

#include "core/interleaving.hpp"

#include <cstddef>
#include <string>

namespace wsrace {

// Compact JSON, one line per pair: {"format_version", "executions", "since_new", "plateau_after", "hit",
// "feasible", "gaps_ms": [...], "pairs": [{"relation", "first", "second", "hits": [...]}]}.
std::string coverage_json(const CoverageTable& table);

// "312 of 1 408 cells (22.2 %), 500 executions, 12 since the last new cell (300 are a plateau)"
std::string coverage_line(const CoverageTable& table);

// The line above, and the table: three pairs beside each other, at most 110 columns. Of each relation at most
// `pairs` are shown, those of which most was hit, and the number of the others told; 0: all of them.
std::string coverage_heat_map(const CoverageTable& table, std::size_t pairs = 60);

// The same as a section of summary.md.
std::string coverage_markdown(const CoverageTable& table, std::size_t pairs = 60);

} // namespace wsrace
