// What is drawn from a distribution.
#include "core/draw.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

using namespace wsrace;
using namespace std::chrono_literals;

namespace {

// In order.
std::vector<Duration> drawn(const Distribution& distribution)
{
    std::vector<Duration> all;
    for (std::uint64_t i = 0; i < 4000; ++i) {
        auto random = random_stream(1, "draw", i);
        all.push_back(draw(distribution, random));
    }
    std::sort(all.begin(), all.end());
    return all;
}

} // namespace

TEST_CASE("A normal distribution has its mean and its deviation, and is never negative", "[core]")
{
    const auto narrow = drawn({Distribution::Kind::normal, 20ms, 2ms});
    CHECK(narrow[2000] > 19700us);
    CHECK(narrow[2000] < 20300us);
    CHECK(narrow[3363] > 21500us); // one deviation above: the 84.1st percentile
    CHECK(narrow[3363] < 22500us);
    const auto wide = drawn({Distribution::Kind::normal, 1ms, 10ms});
    CHECK(wide.front() == 0ms);
    CHECK(wide.back() > 20ms);
}

TEST_CASE("A log-normal distribution has its median and its 95th percentile", "[core]")
{
    const auto all = drawn({Distribution::Kind::log_normal, 20ms, 80ms});
    CHECK(all[2000] > 18ms);
    CHECK(all[2000] < 22ms);
    CHECK(all[3800] > 70ms);
    CHECK(all[3800] < 91ms);
    CHECK(all.front() > 0ms);
    CHECK(drawn({Distribution::Kind::log_normal, 20ms, 20ms}).back() == 20ms);
}
