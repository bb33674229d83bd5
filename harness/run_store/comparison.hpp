// Compares executions of a scenario with others of it: latencies, their slowest share, failure rates,
// signatures. Pure.
//
// A row is worse when chance alone would not explain it (Holm over all rows, `alpha` for all of them
// together), when the effect counts (`a12`, `odds_ratio`), and when it goes beyond what executions of the
// base differ by. The last is what samples within one execution cannot tell, since they share its fate: one
// stall of the machine makes all of them slow. With each execution of the base against its others, Student's
// prediction interval says what one more might show (`alpha` for each row); where there are few, an
// assumption from measurements helps out.
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
