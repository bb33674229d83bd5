#include "explore/coverage_map.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace wsrace;

namespace {

constexpr StepPair close_request{Relation::other_user, StepType::close, StepType::request};
constexpr StepPair request_close{Relation::other_user, StepType::request, StepType::close};

Interleavings with(std::vector<std::uint16_t> cells)
{
    return {.cells = std::move(cells), .pairs = {pair_number(close_request), pair_number(request_close)}};
}

double weight_of(const CoverageMap& map, const StepPair& pair)
{
    for (const auto& one : map.pair_weights())
        if (one.pair == pair) return one.weight;
    return 0;
}

} // namespace

TEST_CASE("A cell is new once, and executions since the last new one are counted", "[explore]")
{
    CoverageMap map;
    CHECK(map.add(with({cell_number(close_request, 2), cell_number(close_request, 3)})) == 2);
    CHECK(map.since_new() == 0);
    CHECK(map.add(with({cell_number(close_request, 2)})) == 0);
    CHECK(map.since_new() == 1);
    CHECK(map.add(with({cell_number(close_request, 2), cell_number(request_close, 0)})) == 1);
    CHECK(map.since_new() == 0);
    CHECK(map.executions() == 3);
    CHECK(map.hits(close_request, 2) == 3);
    CHECK(map.hits(close_request, 4) == 0);
}

TEST_CASE("The plateau is reached after 300 executions without a new cell, and left with the next one",
          "[explore]")
{
    CoverageMap map;
    map.add(with({cell_number(close_request, 2)}));
    for (int i = 0; i < 299; ++i) map.add(with({cell_number(close_request, 2)}));
    CHECK(!map.is_plateau());
    map.add(with({}));
    CHECK(map.is_plateau());
    map.add(with({cell_number(close_request, 5)}));
    CHECK(!map.is_plateau());
}

TEST_CASE("Pairs of which little was hit weigh more; those that cannot be have no weight", "[explore]")
{
    CoverageMap map;
    CHECK(map.pair_weights().empty());
    std::vector<std::uint16_t> all;
    for (std::size_t bucket = 0; bucket < gap_buckets; ++bucket)
        all.push_back(cell_number(close_request, bucket));
    map.add(with(all));
    CHECK(weight_of(map, request_close) == Approx(1));
    CHECK(weight_of(map, close_request) == Approx(0.5));
    CHECK(map.pair_weights().size() == 2);
    for (int i = 0; i < 8; ++i) map.add(with({cell_number(close_request, 1)}));
    CHECK(weight_of(map, close_request) < 0.5);
    CHECK(weight_of(map, close_request) > 0);
    const auto gaps = map.gap_weights(close_request);
    CHECK(gaps[1] == Approx(0.1));
    CHECK(gaps[2] == Approx(0.5));
}

TEST_CASE("A map that was kept goes on where it was", "[explore]")
{
    CoverageMap map;
    map.add(with({cell_number(close_request, 2)}));
    map.add(with({cell_number(close_request, 2)}));
    auto again = CoverageMap::from(map.table());
    CHECK(again.executions() == 2);
    CHECK(again.since_new() == 1);
    CHECK(again.is_feasible(request_close));
    CHECK(!again.is_feasible({Relation::same_user, StepType::request, StepType::close}));
    CHECK(again.add(with({cell_number(close_request, 2)})) == 0);
    CHECK(again.hits(close_request, 2) == 3);
    CHECK(again.table().pairs.size() == 2);
    CHECK(again.table().feasible() == 16);
    CHECK(again.table().hit() == 1);
}
