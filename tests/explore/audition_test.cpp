#include "explore/audition.hpp"

#include "core/random.hpp"

#include <boost/random/bernoulli_distribution.hpp>
#include <catch2/catch.hpp>

using namespace wsrace;

namespace {

const std::string key = "isolation: canary of another user";

struct Candidate {
    std::uint32_t elements;
    double rate;
};

// Clusters with one failure that each of these plans has shown once; a plan is named by its number.
Clusters found(const std::vector<Candidate>& candidates)
{
    Clusters clusters;
    for (std::size_t i = 0; i < candidates.size(); ++i)
        clusters.add({{.key = key, .details = {}, .also_seen = {}}},
                     {.plan = std::to_string(i), .elements = candidates[i].elements}, "now");
    return clusters;
}

// The number of the plan that is the best then, and how many plays that took.
std::pair<std::string, std::uint64_t> chosen(const std::vector<Candidate>& candidates, std::uint64_t seed)
{
    auto clusters = found(candidates);
    auto random = random_stream(seed, "audition test");
    std::uint64_t plays = 0;
    const auto play = [&](const FailingPlan& plan) {
        ++plays;
        boost::random::bernoulli_distribution<double> fails{candidates[std::stoul(plan.plan)].rate};
        return fails(random) ? Played::failed : Played::passed;
    };
    audition(clusters, key, play, [] { return false; });
    return {clusters.find(key)->best->plan, plays};
}

} // namespace

TEST_CASE("The plan that always fails is chosen over a smaller one that seldom does", "[explore]")
{
    int right = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed)
        right += chosen({{60, 1.0}, {48, 0.2}, {70, 0.1}}, seed).first == "0" ? 1 : 0;
    CHECK(right >= 180);
}

TEST_CASE("Of plans that always fail the smallest is chosen, after five replays of it", "[explore]")
{
    CHECK(chosen({{26, 1.0}, {4, 1.0}, {8, 1.0}}, 1) == std::pair<std::string, std::uint64_t>{"1", 5});
}

TEST_CASE("One plan is not replayed, nor is any once the time is over", "[explore]")
{
    CHECK(chosen({{26, 0.5}}, 1).second == 0);
    auto clusters = found({{26, 1.0}, {4, 1.0}});
    const auto never = [](const FailingPlan&) -> Played { throw std::logic_error{"played"}; };
    CHECK_NOTHROW(audition(clusters, key, never, [] { return true; }));
    CHECK_NOTHROW(audition(clusters, "another failure", never, [] { return false; }));
}

TEST_CASE("Void plays say nothing, and do not go on for ever", "[explore]")
{
    auto clusters = found({{26, 1.0}, {4, 1.0}});
    int plays = 0;
    audition(
        clusters, key, [&plays](const FailingPlan&) { return ++plays, Played::voided; },
        [] { return false; });
    CHECK(plays == 24);
    CHECK(clusters.find(key)->best->plan == "1");
    CHECK(clusters.find(key)->best->played == 1);
}

TEST_CASE("Plans that hardly ever fail again cost no more than a few plays", "[explore]")
{
    for (std::uint64_t seed = 0; seed < 20; ++seed)
        CHECK(chosen({{10, 0.02}, {12, 0.02}, {14, 0.02}, {16, 0.02}}, seed).second <= 24);
}
