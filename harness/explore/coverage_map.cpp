#include "explore/coverage_map.hpp"

#include <numeric>

namespace wsrace {

std::size_t CoverageMap::add(const Interleavings& execution)
{
    for (const auto pair : execution.pairs) feasible_[pair] = true;
    std::size_t fresh = 0;
    for (const auto cell : execution.cells) {
        feasible_[cell / gap_buckets] = true;
        if (hits_[cell]++ == 0) ++fresh;
    }
    ++executions_;
    since_new_ = fresh > 0 ? 0 : since_new_ + 1;
    return fresh;
}

std::uint32_t CoverageMap::hits(const StepPair& pair, std::size_t bucket) const
{
    return hits_[cell_number(pair, bucket)];
}

std::array<double, gap_buckets> CoverageMap::gap_weights(const StepPair& pair) const
{
    std::array<double, gap_buckets> weights{};
    for (std::size_t bucket = 0; bucket < gap_buckets; ++bucket)
        weights[bucket] = 1.0 / (1.0 + hits(pair, bucket));
    return weights;
}

std::vector<PairWeight> CoverageMap::pair_weights() const
{
    std::vector<PairWeight> weights;
    for (std::uint16_t number = 0; number < step_pairs; ++number) {
        if (!feasible_[number]) continue;
        const auto pair = pair_of(number);
        const auto gaps = gap_weights(pair);
        weights.push_back({pair, std::accumulate(gaps.begin(), gaps.end(), 0.0) / gap_buckets});
    }
    return weights;
}

CoverageTable CoverageMap::table() const
{
    CoverageTable table{
        .executions = executions_, .since_new = since_new_, .plateau_after = coverage_plateau, .pairs = {}};
    for (std::uint16_t number = 0; number < step_pairs; ++number) {
        if (!feasible_[number]) continue;
        PairCoverage row{.pair = pair_of(number)};
        for (std::size_t bucket = 0; bucket < gap_buckets; ++bucket)
            row.hits[bucket] = hits(row.pair, bucket);
        table.pairs.push_back(row);
    }
    return table;
}

CoverageMap CoverageMap::from(const CoverageTable& table)
{
    CoverageMap map;
    map.executions_ = table.executions;
    map.since_new_ = table.since_new;
    for (const auto& row : table.pairs) {
        map.feasible_[pair_number(row.pair)] = true;
        for (std::size_t bucket = 0; bucket < gap_buckets; ++bucket)
            map.hits_[cell_number(row.pair, bucket)] = row.hits[bucket];
    }
    return map;
}

} // namespace wsrace
