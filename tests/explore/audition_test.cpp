#include "explore/audition.hpp"

#include "core/random.hpp"

#include <boost/random/bernoulli_distribution.hpp>
#include <catch2/catch.hpp>

#include <map>

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
    struct Row {
        std::vector<Candidate> candidates;
        int least; // of 200 choices
    };
    const std::vector<Row> rows{{{{60, 1.0}, {48, 0.2}, {70, 0.1}}, 190},
                                {{{24, 1.0}, {20, 0.4}, {26, 1.0}, {30, 1.0}}, 180},
                                {{{24, 1.0}, {20, 0.5}}, 150}};
    for (const auto& [candidates, least] : rows) {
        int right = 0;
        for (std::uint64_t seed = 0; seed < 200; ++seed) {
            const auto number = std::stoul(chosen(candidates, seed).first);
            right += candidates[number].rate > 0.9 ? 1 : 0;
        }
        CAPTURE(candidates[1].rate);
        CHECK(right >= least);
    }
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

TEST_CASE("A plan that is void twice in a row is set aside, and the next one is tried", "[explore]")
{
    auto clusters = found({{26, 1.0}, {4, 1.0}, {8, 1.0}});
    std::map<std::string, int> plays;
    const auto play = [&plays](const FailingPlan& plan) {
        ++plays[plan.plan];
        return plan.plan == "1" ? Played::voided : Played::failed;
    };
    audition(clusters, key, play, [] { return false; });
    CHECK(plays == std::map<std::string, int>{{"1", 2}, {"2", 5}});
    CHECK(clusters.find(key)->best->plan == "2");
}

TEST_CASE("Where every play is void the audition ends", "[explore]")
{
    auto clusters = found({{26, 1.0}, {4, 1.0}});
    int plays = 0;
    audition(
        clusters, key, [&plays](const FailingPlan&) { return ++plays, Played::voided; },
        [] { return false; });
    CHECK(plays == 4);
    CHECK(clusters.find(key)->best->plan == "1");
    CHECK(clusters.find(key)->best->played == 1);
}

TEST_CASE("Plans that never fail again are given up, and none of them is played for long", "[explore]")
{
    auto clusters = found({{10, 0}, {12, 0}, {14, 0}, {16, 0}});
    std::map<std::string, int> plays;
    audition(
        clusters, key, [&plays](const FailingPlan& plan) { return ++plays[plan.plan], Played::passed; },
        [] { return false; });
    REQUIRE(plays.size() == 4);
    for (const auto& [plan, count] : plays) CHECK(count <= 6);
}
