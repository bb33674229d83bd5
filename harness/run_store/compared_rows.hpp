// The rows of a comparison: what is tested, and where each stands.
#pragma once

#include "core/comparison.hpp"
#include "run_store/run_record.hpp"

#include <vector>

namespace wsrace {

// Of conclusive executions, at least one on each side.
std::vector<ComparedRow> compared_rows(const std::vector<RunRecord>& base,
                                       const std::vector<RunRecord>& fresh,
                                       const ComparisonSettings& settings);

} // namespace wsrace
