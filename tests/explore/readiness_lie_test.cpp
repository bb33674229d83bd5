#include "explore/readiness_lie.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;

namespace {

constexpr Duration ms(std::int64_t count) { return std::chrono::milliseconds{count}; }

ColdStartStretch window(std::int64_t from, std::int64_t until)
{
    ColdStartStretch stretch;
    stretch.outcome = ArrivalOutcome::internal_error;
    stretch.from = {ms(from), ms(from), ms(from), true};
    stretch.until = {ms(until), ms(until), ms(until), true};
    return stretch;
}

Probe failed(std::int64_t at, std::uint32_t boot)
{
    return {.at = ms(at), .outcome = ArrivalOutcome::internal_error, .boot = boot};
}

} // namespace

TEST_CASE("Failures after ready, in two boots, are a readiness lie", "[explore]")
{
    const std::vector<Probe> probes{failed(200, 1), failed(500, 1), failed(600, 1), failed(700, 2)};
    const auto lie = find_readiness_lie(probes, {window(100, 800)}, {{1, ms(400)}, {2, ms(420)}});
    REQUIRE(lie);
    CHECK(lie->said_at == ms(400));
    CHECK(lie->failed_until == ms(700));
    CHECK(lie->users == 3);
    CHECK(lie->boots == 2);
    CHECK(lie->outcome == ArrivalOutcome::internal_error);
}

TEST_CASE("Failures before ready, outside of windows, or in one boot only are none", "[explore]")
{
    const std::vector<Probe> probes{failed(200, 1), failed(300, 1), failed(390, 2), failed(395, 2)};
    CHECK_FALSE(find_readiness_lie(probes, {window(100, 800)}, {{1, ms(400)}, {2, ms(420)}}));
    CHECK_FALSE(find_readiness_lie(probes, {}, {{1, ms(10)}, {2, ms(10)}}));
    CHECK_FALSE(find_readiness_lie(probes, {window(100, 800)}, {{1, ms(10)}}));
    CHECK_FALSE(find_readiness_lie(probes, {window(100, 800)}, {}));
}

TEST_CASE("A boot that was ready late is compared with its own time", "[explore]")
{
    const std::vector<Probe> probes{failed(500, 1), failed(510, 2), failed(520, 3)};
    CHECK_FALSE(find_readiness_lie(probes, {window(100, 800)}, {{1, ms(600)}, {2, ms(600)}, {3, ms(600)}}));
    CHECK(find_readiness_lie(probes, {window(100, 800)}, {{1, ms(400)}, {2, ms(400)}, {3, ms(400)}}));
}
