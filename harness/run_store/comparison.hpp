// Compares executions of a scenario with others of it: latencies, their slowest share, failure rates,
// signatures. Pure.
//
// A row is worse when chance alone would not explain it (Holm over all rows, `alpha` for all of them
// together), when the effect counts (`a12`, `odds_ratio`), and when it goes beyond what the executions of the
// base differ among themselves, if there are several. The last is what samples within one execution cannot
// tell: they share its fate.
#pragma once

#include "core/comparison.hpp"
#include "run_store/run_record.hpp"

#include <string>
#include <vector>

namespace wsrace {

struct ComparisonInput {
    std::vector<RunRecord> base, fresh; // of one scenario; latencies of both exact, or of both in buckets
    std::string base_name, fresh_name;
    ComparisonSettings settings;
};

Comparison compare(const ComparisonInput& input);

} // namespace wsrace
