#include "core/time.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace std::chrono_literals;

TEST_CASE("Durations are a number and a unit")
{
    CHECK(parse_duration("250us") == 250us);
    CHECK(parse_duration("1.5s") == 1500ms);
    CHECK(parse_duration("0ms") == 0ms);
    CHECK(parse_duration("2m") == 2min);
    CHECK(parse_duration("1h") == 1h);
    for (const auto* const text : {"", "5", "ms", "-1ms", "5 ms", "5sec", "nan s", "inf", "1e30h", "ms5"})
        CHECK_FALSE(parse_duration(text));
}

TEST_CASE("Durations are printed with the unit a person would choose")
{
    CHECK(format_duration(0s) == "0 s");
    CHECK(format_duration(318us) == "318 us");
    CHECK(format_duration(1240ms) == "1.24 s");
    CHECK(format_duration(5ms) == "5 ms");
    CHECK(format_duration(999'900us) == "1 s");
    CHECK(format_duration(30min) == "30 min");
}

TEST_CASE("Timestamps are ISO 8601 with or without zone, or seconds since the epoch")
{
    constexpr auto expected = std::chrono::microseconds{1'767'225'600'123'000};
    CHECK(parse_timestamp("2026-01-01T00:00:00.123Z") == expected);
    CHECK(parse_timestamp("2026-01-01T00:00:00.123") == expected);
    CHECK(parse_timestamp("2026-01-01 00:00:00.123000") == expected);
    CHECK(parse_timestamp("2026-01-01T01:30:00.123+01:30") == expected);
    CHECK(parse_timestamp("2025-12-31T23:00:00.123-0100") == expected);
    CHECK(parse_timestamp("1767225600.123") == expected);
    for (const auto* const text :
         {"", "yesterday", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T25:00:00Z",
          "2026-01-01T00:00:00X", "2026-01-01T00:00:00+1", "12:00", "1e400"})
        CHECK_FALSE(parse_timestamp(text));
}

TEST_CASE("Time that is left is shared equally, and what is over is none", "[core]")
{
    CHECK(equal_share(9s, 3) == 3s);
    CHECK(equal_share(0s, 2) == 0s);
    for (const std::size_t tasks : {1U, 2U, 5U}) CHECK(equal_share(-1s, tasks) == 0s);
}
