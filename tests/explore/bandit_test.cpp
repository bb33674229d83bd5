#include "explore/bandit.hpp"

#include "core/random.hpp"

#include <catch2/catch.hpp>

#include <boost/random/uniform_01.hpp>

#include <algorithm>
#include <stdexcept>

using namespace wsrace;

namespace {

constexpr Duration second = std::chrono::seconds{1};
const std::vector<std::string> four{"burst", "barrier", "jitter", "pairs"};

// Plays `picks` times; arm i pays 1 with the probability rates[i]. How often each was picked.
std::vector<int> play(Bandit& bandit, const std::vector<double>& rates, int picks, std::uint64_t seed,
                      const std::vector<Duration>& costs = {second, second, second, second})
{
    auto random = random_stream(seed, "arms");
    std::vector<int> counts(rates.size());
    for (int i = 0; i < picks; ++i) {
        const auto arm = bandit.pick();
        ++counts[arm];
        const bool pays = boost::random::uniform_01<double>{}(random) < rates[arm];
        bandit.reward(arm, pays ? 1 : 0, costs[arm]);
    }
    return counts;
}

} // namespace

TEST_CASE("The arm that pays gets most of the budget", "[explore]")
{
    double share = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Bandit bandit(seed, four);
        share += play(bandit, {0.02, 0.02, 0.4, 0.02}, 500, seed)[2] / 500.0;
    }
    CHECK(share / 20 > 0.6);
}

TEST_CASE("Where nothing pays, or all pay alike, no arm is preferred for long", "[explore]")
{
    const auto rate = GENERATE(0.0, 0.3);
    std::vector<int> sum(4);
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Bandit bandit(seed, four);
        const auto counts = play(bandit, {rate, rate, rate, rate}, 400, seed);
        for (std::size_t arm = 0; arm < 4; ++arm) sum[arm] += counts[arm];
    }
    for (const auto count : sum) CHECK(count > 20 * 400 / 10);
}

TEST_CASE("When another arm becomes the good one the budget follows", "[explore]")
{
    double share = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Bandit bandit(seed, four);
        play(bandit, {0.5, 0.02, 0.02, 0.02}, 2000, seed);
        play(bandit, {0.02, 0.02, 0.02, 0.5}, 150, seed + 100);
        share += play(bandit, {0.02, 0.02, 0.02, 0.5}, 200, seed + 200)[3] / 200.0;
    }
    CHECK(share / 20 > 0.6);
}

TEST_CASE("No arm starves, however poor it is", "[explore]")
{
    Bandit bandit(7, four);
    std::vector<int> waiting(4);
    int longest = 0;
    auto random = random_stream(7, "arms");
    for (int i = 0; i < 2000; ++i) {
        const auto arm = bandit.pick();
        for (auto& waited : waiting) longest = std::max(longest, ++waited);
        waiting[arm] = 0;
        bandit.reward(arm, arm == 1 && boost::random::uniform_01<double>{}(random) < 0.9 ? 1 : 0, second);
    }
    CHECK(longest <= 50 + 3); // two that starve at once: one of them waits for one pick more
    for (const auto& arm : bandit.state().arms) CHECK(arm.picks >= 36);

    Bandit greedy(7, four, {}, {.fading = 0.98, .floor = 0});
    play(greedy, {0, 0.95, 0, 0}, 2000, 7);
    CHECK(greedy.state().arms[0].picks < bandit.state().arms[0].picks + 30);
}

TEST_CASE("Of two arms that find the same, the one that takes less time gets more", "[explore]")
{
    double cheap = 0;
    double dear = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Bandit bandit(seed, four);
        const auto counts = play(bandit, {0.3, 0.3, 0.02, 0.02}, 400, seed,
                                 {std::chrono::milliseconds{500}, std::chrono::seconds{4}, second, second});
        cheap += counts[0];
        dear += counts[1];
    }
    CHECK(cheap > 2 * dear);
}

TEST_CASE("The same seed and rewards give the same picks, and another seed others", "[explore]")
{
    const auto picks = [](std::uint64_t seed) {
        Bandit bandit(seed, four);
        std::vector<std::size_t> out;
        for (int i = 0; i < 100; ++i) {
            out.push_back(bandit.pick());
            bandit.reward(out.back(), out.back() == 2 ? 0.4 : 0, second);
        }
        return out;
    };
    CHECK(picks(1) == picks(1));
    CHECK(picks(1) != picks(2));
}

TEST_CASE("What was learned is kept by name; new arms begin afresh", "[explore]")
{
    Bandit first(3, four);
    play(first, {0.02, 0.02, 0.6, 0.02}, 300, 3);
    Bandit second_night(3, {"pairs", "swarm", "jitter"}, first.state());
    const auto& arms = second_night.state().arms;
    CHECK(arms[2].rewards == first.state().arms[2].rewards);
    CHECK(arms[1].rewards == 0);
    CHECK(second_night.state().picks == 300);
    int jitter = 0;
    for (int i = 0; i < 20; ++i) jitter += second_night.pick() == 2 ? 1 : 0;
    CHECK(jitter > 10);
}

TEST_CASE("A new signature is worth more than any number of cells, and these more than near misses",
          "[explore]")
{
    CHECK(reward_of({}) == 0);
    CHECK(reward_of({.new_signatures = 1}) == 1);
    CHECK(reward_of({.new_cells = 1}) == Approx(0.2));
    CHECK(reward_of({.new_cells = 1000}) < reward_of({.new_signatures = 1}));
    CHECK(reward_of({.new_cells = 2}) > reward_of({.new_cells = 1}));
    CHECK(reward_of({.near_misses = 1000}) < reward_of({.new_cells = 1}));
    CHECK(reward_of({.near_misses = 1}) > 0);
}

TEST_CASE("A bandit without arms, with one twice, or with a floor above all picks is refused", "[explore]")
{
    CHECK_THROWS_AS(Bandit(1, {}), std::invalid_argument);
    CHECK_THROWS_AS(Bandit(1, {"a", "a"}), std::invalid_argument);
    CHECK_THROWS_WITH(Bandit(1, {"a", "b"}, {}, {.fading = 0.98, .floor = 0.6}),
                      "a floor of 0.6 for each of 2 arms is more than all picks");
}
