#include "run_store/change_points.hpp"

#include "core/random.hpp"

#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <catch2/catch.hpp>

#include <cmath>
#include <functional>

using namespace wsrace;

namespace {

// As many as `count` values, each drawn for its position.
std::vector<double> drawn(std::size_t count, const std::function<double(std::size_t)>& draw)
{
    std::vector<double> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(draw(i));
    return out;
}

std::vector<std::size_t> places(const std::vector<Change>& changes)
{
    std::vector<std::size_t> out;
    for (const auto& change : changes) out.push_back(change.at);
    return out;
}

} // namespace

TEST_CASE("The Nile's level fell after 1898", "[run_store]")
{
    // Annual flow at Aswan, 1871 to 1970 (Cobb 1978): Pettitt's test finds 1898 as the last year of the old
    // level.
    const std::vector<double> nile{
        1120, 1160, 963,  1210, 1160, 1160, 813,  1230, 1370, 1140, 995,  935,  1110, 994, 1020, 960,  1180,
        799,  958,  1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774,  840,  874, 694,  940,  833,
        701,  916,  692,  1020, 1050, 969,  831,  726,  456,  824,  702,  1120, 1100, 832, 764,  821,  768,
        845,  864,  862,  698,  845,  744,  796,  1040, 759,  781,  865,  845,  944,  984, 897,  822,  1010,
        771,  676,  649,  846,  812,  742,  801,  1040, 860,  874,  848,  890,  744,  749, 838,  1050, 918,
        986,  797,  923,  975,  815,  1020, 906,  901,  1170, 912,  746,  919,  718,  714, 740};
    REQUIRE(nile.size() == 100);
    const auto changes = change_points(nile, 0.001);
    CHECK(places(changes) == std::vector<std::size_t>{28});
    CHECK(changes.front().p <= 0.001);
}

TEST_CASE("A level that changes is found where it changes", "[run_store]")
{
    const auto step = [](std::size_t i) { return (i < 12 ? 10.0 : 20.0) + static_cast<double>(i % 3); };
    CHECK(places(change_points(drawn(30, step), 0.01)) == std::vector<std::size_t>{12});
    const auto failing = [](std::size_t i) { return i < 20 ? 0.0 : 1.0; };
    CHECK(places(change_points(drawn(27, failing), 0.01)) == std::vector<std::size_t>{20});
    const auto twice = [](std::size_t i) {
        return (i < 15 ? 1.0 : i < 32 ? 5.0 : 2.0) + static_cast<double>(i % 4) / 10;
    };
    CHECK(places(change_points(drawn(50, twice), 0.01)) == std::vector<std::size_t>{15, 32});
}

TEST_CASE("Nothing is found in a series that is constant, too short, or has one outlier", "[run_store]")
{
    CHECK(change_points({}, 0.01).empty());
    CHECK(change_points({1.0}, 0.01).empty());
    CHECK(change_points(std::vector<double>(100, 3.0), 0.01).empty());
    CHECK(change_points({1, 1, 1, 1, 9, 9, 9, 9}, 0.01).empty()); // 2 of 70 orders are as extreme
    CHECK_FALSE(change_points({1, 1, 1, 1, 1, 1, 9, 9, 9, 9, 9, 9}, 0.01).empty());
    auto outlier = std::vector<double>(40, 3.0);
    outlier[20] = 1e9;
    CHECK(change_points(outlier, 0.01).empty());
}

TEST_CASE("The same series gives the same changes", "[run_store]")
{
    auto random = random_stream(3, "series");
    boost::random::normal_distribution<double> noise;
    const auto values = drawn(40, [&](std::size_t i) { return noise(random) + (i < 20 ? 0 : 1.5); });
    const auto changes = change_points(values, 0.01);
    CHECK(changes == change_points(values, 0.01));
    CHECK(changes.size() == 1);
}

TEST_CASE("In series without change, one in a hundred gives a false alarm at most", "[run_store][simulation]")
{
    auto random = random_stream(5, "no change");
    boost::random::normal_distribution<double> noise;
    boost::random::uniform_01<double> share;
    constexpr int times = 2000;
    const auto alarms = [&](std::size_t length, const std::function<double(std::size_t)>& draw) {
        int count = 0;
        for (int i = 0; i < times; ++i) count += change_points(drawn(length, draw), 0.01).empty() ? 0 : 1;
        return count;
    };
    constexpr double most = 0.01 * times + 3 * 4.5; // three standard deviations of 20 out of 2000
    CHECK(alarms(30, [&](std::size_t) { return std::exp(2 * noise(random)); }) < most);
    CHECK(alarms(50, [&](std::size_t) { return share(random) < 0.1 ? 1.0 : 0.0; }) < most);
    CHECK(alarms(12, [&](std::size_t) { return noise(random); }) < most);
}

TEST_CASE("Changes of two standard deviations are found, and within three of their place",
          "[run_store][simulation]")
{
    auto random = random_stream(6, "change");
    boost::random::normal_distribution<double> noise;
    constexpr int times = 500;
    int near = 0, several = 0;
    for (int i = 0; i < times; ++i) {
        const auto found =
            change_points(drawn(40, [&](std::size_t j) { return noise(random) + (j < 25 ? 0 : 2); }), 0.01);
        several += found.size() > 1 ? 1 : 0;
        near += !found.empty() && std::abs(static_cast<int>(found.front().at) - 25) <= 3 ? 1 : 0;
    }
    CHECK(near > 0.93 * times);
    CHECK(several < 0.04 * times);
}
