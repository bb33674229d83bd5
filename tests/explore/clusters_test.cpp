#include "explore/clusters.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;

namespace {

FailureSignature signature(const std::string& key, std::vector<std::string> also_seen = {})
{
    return {.key = key, .details = {key + " somewhere"}, .also_seen = std::move(also_seen)};
}

FailingPlan plan(const std::string& name, std::uint32_t elements)
{
    return {.plan = name, .elements = elements};
}

const std::string night = "2026-01-01T00:00:00Z";

} // namespace

TEST_CASE("The same bug is one cluster, and what else was seen with it is counted", "[explore]")
{
    Clusters clusters;
    CHECK(clusters.add({}, plan("seed 1", 20), night).empty());
    CHECK(clusters.add({signature("1011")}, plan("seed 2", 20), night) == std::vector<std::string>{"1011"});
    CHECK(clusters.add({signature("1011", {"silence"})}, plan("seed 3", 20), "later").empty());
    REQUIRE(clusters.list().size() == 1);
    const auto& cluster = clusters.list()[0];
    CHECK(cluster.count == 2);
    CHECK(cluster.first_execution == 2);
    CHECK(cluster.first_seen == night);
    CHECK(cluster.also_seen == std::map<std::string, std::uint64_t>{{"silence", 1}});
    CHECK(cluster.details == std::set<std::string>{"1011 somewhere"});
    CHECK(clusters.executions() == 3);
}

TEST_CASE("Two bugs are two clusters, found apart or together", "[explore]")
{
    Clusters clusters;
    const auto both = clusters.add({signature("bleed"), signature("1011")}, plan("seed 1", 20), night);
    CHECK(both == std::vector<std::string>{"bleed", "1011"});
    CHECK(clusters.add({signature("1011")}, plan("seed 2", 20), night).empty());
    CHECK(clusters.find("bleed")->count == 1);
    CHECK(clusters.find("1011")->count == 2);
    CHECK(clusters.find("silence") == nullptr);
}

TEST_CASE("The best plan is the smallest, unless it hardly ever fails", "[explore]")
{
    Clusters clusters;
    clusters.add({signature("1011")}, plan("large", 26), night);
    clusters.add({signature("1011")}, plan("larger", 40), night);
    CHECK(clusters.list()[0].best->plan == "large");
    clusters.add({signature("1011")}, plan("small", 4), night);
    CHECK(clusters.list()[0].best->plan == "small");
    CHECK(clusters.replayed("1011", {.plan = "sure", .elements = 6, .failed = 45, .played = 50}));
    CHECK(clusters.list()[0].best->plan == "sure");
    CHECK(clusters.replayed("1011", {.plan = "tiny", .elements = 2, .failed = 1, .played = 50}));
    CHECK(clusters.list()[0].best->plan == "sure");
    CHECK(!clusters.replayed("silence", plan("any", 1)));
}

TEST_CASE("What replays show of the best plan replaces what was thought of it", "[explore]")
{
    Clusters clusters;
    clusters.add({signature("1011")}, plan("once", 4), night);
    clusters.replayed("1011", {.plan = "once", .elements = 4, .failed = 0, .played = 40});
    CHECK(clusters.list()[0].best->played == 40);
    clusters.add({signature("1011")}, plan("once", 4), night); // it was played again as a part of the search
    CHECK(clusters.list()[0].best->played == 40);
    clusters.add({signature("1011")}, plan("other", 20), night);
    CHECK(clusters.list()[0].best->plan == "other");
}

TEST_CASE("A few of the other plans are kept, and the best is chosen anew with each replay", "[explore]")
{
    Clusters clusters;
    for (std::uint32_t elements = 10; elements > 0; --elements)
        clusters.add({signature("1011")}, plan(std::to_string(elements), elements), night);
    const auto& cluster = clusters.list()[0];
    CHECK(cluster.best->plan == "1");
    REQUIRE(cluster.others.size() == 3);
    CHECK(cluster.others.back().plan == "4");
    clusters.replayed("1011", {.plan = "1", .elements = 1, .failed = 1, .played = 30});
    CHECK(cluster.best->plan == "2");
    CHECK(cluster.others.back().plan == "1");
    clusters.add({signature("1011")}, plan("1", 1), night); // met again, and known better than by one failure
    CHECK(cluster.others.back().played == 30);
    clusters.forget("2");
    CHECK(cluster.best->plan == "3");
    for (const auto* name : {"1", "3", "4"}) clusters.forget(name);
    CHECK_FALSE(cluster.best);
    CHECK(cluster.others.empty());
}
