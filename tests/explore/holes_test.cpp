#include "explore/holes.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;

namespace {

constexpr Duration ms(std::int64_t count) { return std::chrono::milliseconds{count}; }

} // namespace

TEST_CASE("Holes are between arrivals, and between them and the ends of the range", "[explore]")
{
    const auto found = holes({ms(10), ms(14), ms(30)}, ms(0), ms(40), ms(5));
    REQUIRE(found.size() == 3);
    CHECK(found[0].from == ms(0));
    CHECK(found[0].until == ms(10));
    CHECK(found[1].from == ms(14));
    CHECK(found[1].until == ms(30));
    CHECK(found[2].from == ms(30));
    CHECK(found[2].until == ms(40));
}

TEST_CASE("A range without arrivals is one hole, one with an arrival everywhere has none", "[explore]")
{
    CHECK(holes({}, ms(0), ms(40), ms(5)).size() == 1);
    CHECK(holes({ms(5), ms(10), ms(15)}, ms(0), ms(20), ms(5)).empty());
}
