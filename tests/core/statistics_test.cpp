#include "core/problem.hpp"
#include "core/random.hpp"
#include "core/statistics.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace std::chrono_literals;

TEST_CASE("Wilson's interval agrees with published values")
{
    // Newcombe (1998), table I, method 3: 81/263, 15/148, 0/20, 1/29.
    const auto check = [](std::uint64_t hits, std::uint64_t trials, double low, double high) {
        const auto interval = wilson_interval(hits, trials);
        CHECK(interval.low == Approx(low).margin(0.0001));
        CHECK(interval.high == Approx(high).margin(0.0001));
    };
    check(81, 263, 0.2553, 0.3662);
    check(15, 148, 0.0624, 0.1605);
    check(0, 20, 0.0, 0.1611);
    check(1, 29, 0.0061, 0.1718);
    check(20, 20, 1 - 0.1611, 1.0);
    CHECK(wilson_interval(0, 0).high == 1.0);
}

TEST_CASE("Quantiles are nearest ranks")
{
    std::vector<Duration> values{5ms, 1ms, 4ms, 2ms, 3ms};
    CHECK(quantile(values, 0.0) == 1ms);
    CHECK(quantile(values, 0.5) == 3ms);
    CHECK(quantile(values, 0.99) == 5ms);
    CHECK(quantile(values, 1.0) == 5ms);
    std::vector<Duration> none;
    CHECK(quantile(none, 0.5) == 0ms);
}

TEST_CASE("Random streams differ by purpose, user and step, and stay the same for ever")
{
    CHECK(derive_seed(1, "pause", 0, 0) == derive_seed(1, "pause", 0, 0));
    CHECK(derive_seed(1, "pause", 0, 0) != derive_seed(1, "pause", 0, 1));
    CHECK(derive_seed(1, "pause", 0, 0) != derive_seed(1, "pause", 1, 0));
    CHECK(derive_seed(1, "pause", 1, 0) != derive_seed(1, "pause", 0, 1));
    CHECK(derive_seed(1, "pause", 0, 0) != derive_seed(1, "arrival", 0, 0));
    CHECK(derive_seed(1, "pause", 0, 0) != derive_seed(2, "pause", 0, 0));
}

TEST_CASE("The nearest name is suggested only if it is near")
{
    CHECK(nearest("conect", {"connect", "close", "ping"}) == "connect");
    CHECK(nearest("clsoe", {"connect", "close", "ping"}) == "close");
    CHECK(nearest("teleport", {"connect", "close", "ping"}).empty());
}
