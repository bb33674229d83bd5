#include "explore/repeats.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace wsrace;

TEST_CASE("So many repeats show a failure at 95 %, and not one less", "[explore][statistics]")
{
    for (const auto rate : {0.001, 0.02, 0.1, 0.5, 0.9, 0.95, 0.99}) {
        const auto count = repeats_for(rate);
        REQUIRE(count);
        INFO(rate << ": " << *count);
        CHECK(std::pow(1 - rate, *count) <= 0.05 + 1e-9);
        if (*count > 1) CHECK(std::pow(1 - rate, *count - 1) > 0.05);
    }
    CHECK(repeats_for(0.5) == 5);
    CHECK(repeats_for(0.95) == 1);
    CHECK(repeats_for(1.0) == 1);
    CHECK_FALSE(repeats_for(0.0));
    CHECK(repeats_for(Interval{.low = 0.1, .high = 0.9}) == 29);
    CHECK_FALSE(repeats_for(Interval{}));
    CHECK(repeats_statement({.low = 0.5, .high = 1}) == "5 executions show it at 95 %");
    CHECK(repeats_statement({.low = 0.97, .high = 1}) == "1 execution shows it");
    CHECK(repeats_statement({}).find("no number") == 0);
}

TEST_CASE("No failure in N executions bounds the rate, by just less than 3 / N", "[explore][statistics]")
{
    CHECK(bound_without_failure(0) == 1);
    CHECK(bound_without_failure(1) == Approx(0.95));
    CHECK(bound_without_failure(10) == Approx(0.2589).margin(0.0001)); // Hanley, Lippman-Hand 1983, table
    for (const std::uint64_t executions : {3, 10, 30, 100, 1000, 100'000}) {
        const auto bound = bound_without_failure(executions);
        CHECK(std::pow(1 - bound, executions) == Approx(0.05));
        CHECK(bound < 3.0 / static_cast<double>(executions));
    }
    CHECK(bound_without_failure(1000) == Approx(0.003).epsilon(0.01));
}

TEST_CASE("A hunt without findings says how little that is", "[explore]")
{
    CHECK(passing_statement(1200, "jitter and bursts") ==
          "no failure in 1200 executions of portfolio jitter and bursts: rate below 3/1200 = 0.25 % at 95 % "
          "on this "
          "machine");
    CHECK(passing_statement(2, "jitter") ==
          "no failure in 2 executions of portfolio jitter: too few to say anything");
    CHECK(passing_statement(0, "jitter") == "no execution of portfolio jitter: nothing is known");
}

TEST_CASE("Rates are printed with the digits that mean something", "[explore]")
{
    CHECK(format_rate(0) == "0 %");
    CHECK(format_rate(1) == "100 %");
    CHECK(format_rate(0.424) == "42 %");
    CHECK(format_rate(0.0996) == "10 %");
    CHECK(format_rate(0.05) == "5 %");
    CHECK(format_rate(0.0125) == "1.2 %");
    CHECK(format_rate(0.0025) == "0.25 %");
    CHECK(format_rate(0.000031) == "0.0031 %");
}
