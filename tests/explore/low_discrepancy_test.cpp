#include "explore/low_discrepancy.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

using namespace wsrace;

namespace {

double largest_gap(std::uint64_t seed, std::size_t count)
{
    GoldenSequence sequence{seed};
    std::vector<double> places;
    for (std::size_t i = 0; i < count; ++i) places.push_back(sequence.next());
    std::sort(places.begin(), places.end());
    auto gap = places.front() + 1 - places.back(); // around the end
    for (std::size_t i = 1; i < count; ++i) gap = std::max(gap, places[i] - places[i - 1]);
    return gap;
}

} // namespace

TEST_CASE("The golden sequence leaves no gap of 1.9 / n, however many places and wherever it begins",
          "[explore]")
{
    for (const std::uint64_t seed : {0U, 1U, 77U})
        for (const std::size_t count : {2U, 10U, 89U, 250U, 4000U})
            CHECK(largest_gap(seed, count) < 1.9 / static_cast<double>(count));
}

TEST_CASE("The golden sequence is the same for the same seed, and begins elsewhere for another", "[explore]")
{
    GoldenSequence one{7}, same{7}, other{8};
    const auto first = one.next();
    CHECK(first == same.next());
    CHECK(first != other.next());
    CHECK(one.next() == same.next());
}
