// Interleaving coverage of many executions: what was hit how often, what could have been, and what is worth
// trying next.
//
// Feasible are the cells of every pair that any execution so far has shown to be feasible (see
// Interleavings), in all buckets. That counts too many: an order that no timing can bring about stays unhit
// for ever, so the share that was hit is a lower bound, and the end of a search is told by the plateau, not
// by 100 %.
#pragma once

#include "core/interleaving.hpp"
#include "explore/interleaving_coverage.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace wsrace {

inline constexpr std::uint64_t coverage_plateau = 300; // executions without a new cell

class CoverageMap {
public:
    // Takes one execution, and says how many of its cells no earlier one had hit.
    std::size_t add(const Interleavings& execution);

    std::uint64_t executions() const { return executions_; }
    std::uint64_t since_new() const { return since_new_; } // executions since the last new cell
    bool is_plateau() const { return since_new_ >= coverage_plateau; }
    std::uint32_t hits(const StepPair& pair, std::size_t bucket) const; // executions
    bool is_feasible(const StepPair& pair) const { return feasible_[pair_number(pair)]; }

    // The feasible pairs. A cell that was hit in h executions is worth 1 / (1 + h), a pair the mean of its
    // cells: 1 where nothing was hit yet. Meant to be multiplied by what else is known of a pair.
    std::vector<PairWeight> pair_weights() const;
    // The same for the buckets of one pair, for whoever draws a gap.
    std::array<double, gap_buckets> gap_weights(const StepPair& pair) const;

    // What is kept between nights, and shown. The way back expects hits that a table() has had: a pair of it
    // counts once.
    CoverageTable table() const;
    static CoverageMap from(const CoverageTable& table);

private:
    std::uint64_t executions_ = 0;
    std::uint64_t since_new_ = 0;
    std::array<bool, step_pairs> feasible_{};
    std::vector<std::uint32_t> hits_ = std::vector<std::uint32_t>(interleaving_cells);
};

} // namespace wsrace
