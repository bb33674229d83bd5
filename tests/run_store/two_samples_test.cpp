#include "run_store/two_samples.hpp"

#include "core/random.hpp"

#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>

using namespace wsrace;

namespace {

CountedSamples of(const std::vector<int>& values)
{
    std::vector<Duration> samples;
    for (const auto value : values) samples.emplace_back(value);
    return counted(std::move(samples));
}

std::vector<int> drawn(RandomEngine& random, std::size_t count, int highest)
{
    boost::random::uniform_int_distribution<int> any{0, highest};
    std::vector<int> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(any(random));
    return out;
}

double pairs(const std::vector<int>& base, const std::vector<int>& fresh)
{
    double u = 0;
    for (const auto b : base)
        for (const auto f : fresh) u += f > b ? 1 : f == b ? 0.5 : 0;
    return u;
}

} // namespace

TEST_CASE("Mann and Whitney's test agrees with published values", "[run_store]")
{
    // The documentation of SciPy's mannwhitneyu: U 17 of 20, two-sided 0.11134688653314041 with its
    // correction.
    const auto ages = mann_whitney(of({20, 11, 17, 12}), of({19, 22, 16, 29, 24}));
    CHECK(ages.u == 17);
    CHECK(2 * ages.p_larger == Approx(0.11134688653314041));
    CHECK(ages.a12 == Approx(0.85));
    // Hollander and Wolfe (1973), page 69: W 35 of 50.
    const auto membranes =
        mann_whitney(of({115, 88, 90, 74, 121}), of({80, 83, 189, 104, 145, 138, 191, 164, 73, 146}));
    CHECK(membranes.u == 35);
    CHECK(membranes.p_larger == Approx(0.1223).margin(0.0001)); // normal approximation; exactly it is 0.1272
    CHECK(membranes.p_smaller > 0.8);
}

TEST_CASE("U counts the pairs, ties by half, and turns over with its sides", "[run_store]")
{
    auto random = random_stream(7, "pairs");
    for (const int highest : {1, 3, 10, 1000}) {
        const auto base = drawn(random, 37, highest);
        const auto fresh = drawn(random, 23, highest);
        const auto test = mann_whitney(of(base), of(fresh));
        CHECK(test.u == Approx(pairs(base, fresh)));
        CHECK(test.a12 == Approx(pairs(base, fresh) / (37 * 23)));
        const auto turned = mann_whitney(of(fresh), of(base));
        CHECK(turned.a12 == Approx(1 - test.a12));
        CHECK(turned.p_larger == Approx(test.p_smaller));
    }
}

TEST_CASE("With many ties its p-value is still that of all permutations", "[run_store]")
{
    auto random = random_stream(8, "ties");
    const std::vector<int> base{0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 0, 1, 1, 0, 2, 1, 0, 1, 1, 0, 0, 1, 1};
    const std::vector<int> fresh{0, 1, 1, 2, 2, 2, 1, 2, 2, 0, 1, 2, 1, 2, 1, 1, 2, 2, 1, 0};
    const auto test = mann_whitney(of(base), of(fresh));
    auto all = base;
    all.insert(all.end(), fresh.begin(), fresh.end());
    constexpr int times = 20'000;
    int as_large = 0;
    for (int i = 0; i < times; ++i) {
        for (std::size_t last = all.size() - 1; last > 0; --last) {
            boost::random::uniform_int_distribution<std::size_t> any{0, last};
            std::swap(all[last], all[any(random)]);
        }
        const std::vector<int> first{all.begin(), all.begin() + static_cast<std::ptrdiff_t>(base.size())};
        const std::vector<int> rest{all.begin() + static_cast<std::ptrdiff_t>(base.size()), all.end()};
        as_large += pairs(first, rest) >= test.u ? 1 : 0;
    }
    CHECK(test.p_larger == Approx(as_large / static_cast<double>(times)).margin(0.003));
    CHECK(test.p_larger < 0.02);
}

TEST_CASE("Where there is nothing to rank there is no difference", "[run_store]")
{
    for (const auto& test :
         {mann_whitney({}, of({1, 2})), mann_whitney(of({1, 2}), {}), mann_whitney(of({5, 5}), of({5}))}) {
        CHECK(test.a12 == 0.5);
        CHECK(test.p_larger == 1);
        CHECK(test.p_smaller == 1);
    }
}

TEST_CASE("A medium effect takes some 85 samples on each side to be noticed four times in five",
          "[run_store]")
{
    CHECK(rank_test_power(85, 85, 0.64, 0.01) == Approx(0.8).margin(0.01));
    CHECK(rank_test_power(20, 20, 0.64, 0.01) < 0.3);
    CHECK(rank_test_power(1000, 1000, 0.64, 0.01) > 0.999);
    CHECK(rank_test_power(10'000, 0, 0.9, 0.01) == 0);
    CHECK(rank_test_power(10'000, 5, 0.64, 0.01) < 0.3);
}

TEST_CASE("The power that is promised is the one that is had", "[run_store][simulation]")
{
    auto random = random_stream(9, "power");
    boost::random::normal_distribution<double> noise{0, 1000};
    constexpr int times = 2000;
    int noticed = 0, alarms = 0;
    for (int i = 0; i < times; ++i) {
        std::vector<int> base, same, slower;
        for (int j = 0; j < 85; ++j) {
            base.push_back(static_cast<int>(noise(random)));
            same.push_back(static_cast<int>(noise(random)));
            slower.push_back(static_cast<int>(noise(random) + 507)); // A12 0.64
        }
        noticed += mann_whitney(of(base), of(slower)).p_larger <= 0.01 ? 1 : 0;
        alarms += mann_whitney(of(base), of(same)).p_larger <= 0.01 ? 1 : 0;
    }
    CHECK(noticed > 0.76 * times);
    CHECK(alarms < 0.01 * times + 3 * std::sqrt(0.01 * times));
}

TEST_CASE("Fisher's exact test agrees with published values", "[run_store]")
{
    // The lady tasting tea: three of four cups; 17/70.
    CHECK(fisher({1, 4}, {3, 4}).p_more == Approx(17.0 / 70));
    // R's fisher.test, convictions of like-sex twins (Fisher 1962): 2 of 17 and 10 of 13; 0.0004652.
    const auto twins = fisher({2, 17}, {10, 13});
    CHECK(twins.p_more == Approx(0.0004652).epsilon(0.001));
    CHECK(twins.p_fewer == Approx(1).margin(0.0001));
    CHECK(fisher({10, 13}, {2, 17}).p_fewer == Approx(twins.p_more));
}

TEST_CASE("The tails of Fisher's test are sums of binomial coefficients", "[run_store]")
{
    const auto choose = [](int n, int k) {
        return std::tgamma(n + 1) / std::tgamma(k + 1) / std::tgamma(n - k + 1);
    };
    constexpr int m = 9, n = 7;
    for (int failed = 0; failed <= m + n; ++failed)
        for (int fresh = std::max(0, failed - m); fresh <= std::min(failed, n); ++fresh) {
            double more = 0, fewer = 0;
            for (int k = std::max(0, failed - m); k <= std::min(failed, n); ++k) {
                const auto chance = choose(n, k) * choose(m, failed - k) / choose(m + n, failed);
                if (k >= fresh) more += chance;
                if (k <= fresh) fewer += chance;
            }
            const auto test = fisher({static_cast<std::uint64_t>(failed - fresh), m},
                                     {static_cast<std::uint64_t>(fresh), n});
            CHECK(test.p_more == Approx(more).epsilon(1e-9));
            CHECK(test.p_fewer == Approx(fewer).epsilon(1e-9));
        }
}

TEST_CASE("Fisher's test knows what it could have shown at all", "[run_store]")
{
    CHECK(fisher({0, 1}, {1, 1}).smallest_p == Approx(0.5));
    CHECK(fisher({1, 200}, {2, 200}).smallest_p == Approx(0.1244).margin(0.0005));
    CHECK(fisher({0, 200}, {0, 200}).smallest_p == 1);
    CHECK(fisher({0, 0}, {3, 5}).p_more == 1);
    CHECK(fisher({0, 200}, {100, 200}).smallest_p < 1e-9);
    CHECK(fisher({10, 100'000}, {300, 100'000}).p_more < 1e-9);
    CHECK(fisher({5, 100}, {5, 100}).odds_ratio == Approx(1));
}

TEST_CASE("Holm's procedure goes on as long as it rejects", "[run_store]")
{
    using Rejected = std::vector<bool>;
    CHECK(holm({0.01, 0.04, 0.03, 0.005}, 0.05) == Rejected{true, false, false, true});
    CHECK(holm({0.02, 0.02}, 0.05) == Rejected{true, true});
    CHECK(holm({0.03, 0.04}, 0.05) ==
          Rejected{false, false}); // the first is above 0.025: nothing after it counts
    CHECK(holm({0.02, 0.04}, 0.05) == Rejected{true, true});
    CHECK(holm({}, 0.05).empty());
}

TEST_CASE("One value more is seldom beyond its prediction limit", "[run_store]")
{
    // Mean 3, deviation sqrt(2.5), t(4) at 1 %: 3.746947; times sqrt(1 + 1/5).
    CHECK(next_value_limit({1, 2, 3, 4, 5}, 0.01) == Approx(3 + 3.746947 * std::sqrt(2.5 * 1.2)));
    CHECK(std::isinf(next_value_limit({1}, 0.01)));
    // What is assumed alone, with the freedom that it is worth: t(4) again.
    CHECK(next_value_limit({0}, 0.01, {.deviation = 0.4, .weight = 4}) ==
          Approx(3.746947 * 0.4 * std::sqrt(2)));
    CHECK(next_value_limit({7, 7, 7}, 0.01) == 7);
    CHECK(next_value_limit({1, 2, 3, 4, 5}, 0.05) < next_value_limit({1, 2, 3, 4, 5}, 0.01));
}

TEST_CASE("Effects become deviations and come back", "[run_store]")
{
    CHECK(in_deviations(0.5, 10, 10) == Approx(0).margin(1e-12));
    CHECK(probability_of(in_deviations(0.64, 100, 100)) == Approx(0.64));
    CHECK(probability_of(in_deviations(1, 10, 10)) ==
          Approx(1 - 0.5 / 100)); // as if half a pair were the other way
    CHECK(probability_of(1e9) <= 1);
}
