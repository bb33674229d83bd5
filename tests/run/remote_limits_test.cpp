#include "run/remote_limits.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using std::chrono::milliseconds;

namespace {

// Users with these arrivals in milliseconds, and so many connections each.
Plan arriving(const std::vector<int>& arrivals, std::uint16_t connections = 1)
{
    Plan plan;
    plan.connections = connections;
    plan.roles.push_back({.behaviour = {}, .connections = connections});
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
        PlannedUser user;
        user.id = UserId{static_cast<std::uint32_t>(i)};
        user.arrival = milliseconds{arrivals[i]};
        plan.users.push_back(user);
    }
    return plan;
}

} // namespace

TEST_CASE("A host is denied by name or pattern, in either case, and by nothing else")
{
    CHECK(denied_by("api.prod.example.com", "*.prod.*") == "*.prod.*");
    CHECK(denied_by("API.Prod.Example.com", "staging, *.PROD.*\n") == "*.PROD.*");
    CHECK(denied_by("prod.example.com.", "a b,prod.example.com") == "prod.example.com");
    CHECK(denied_by("10.1.2.3", "10.1.*") == "10.1.*");
    CHECK(denied_by("x", "?") == "?");
    CHECK(denied_by("staging.example.com", "*.prod.*, prod*,example.com") == "");
    CHECK(denied_by("anything", "") == "");
    CHECK(denied_by("anything", " , ,") == "");
}

TEST_CASE("The busiest second is found wherever it lies, each connection of a user counted")
{
    CHECK(peak_connections(arriving({})) == 0);
    CHECK(peak_connections(arriving({0, 1000, 2000})) == 1);
    CHECK(peak_connections(arriving({2500, 0, 700, 1600, 1699, 1700})) == 4); // 700 is a second before 1700
    CHECK(peak_connections(arriving({0, 999, 1000}, 3)) == 6);
}

TEST_CASE("The members of a starting gate count as opened together")
{
    auto plan = arriving({0, 5000, 10'000});
    PlannedGate gate;
    for (const auto& user : plan.users) {
        PlannedMoment member;
        member.user = user.id;
        gate.members.push_back(member);
    }
    plan.gates.push_back(gate);
    CHECK(peak_connections(plan) == 3);
}

TEST_CASE("What is more than a remote target may get is named with the option that allows it")
{
    const RemoteLimits limits{.users = 3, .connections_per_second = 2};
    CHECK(beyond(limits, arriving({0, 500, 1500}), "staging").empty());
    const auto users = beyond(limits, arriving({0, 1000, 2000, 3000}), "staging");
    REQUIRE(users.size() == 1);
    CHECK(users[0] ==
          "4 users against staging, which is not this machine and was not started by the harness; "
          "expected at most 3; give --remote-users 4 if it may have them");
    const auto rate = beyond(limits, arriving({0, 1, 2}), "staging");
    REQUIRE(rate.size() == 1);
    CHECK(rate[0].find("3 new connections within a second") == 0);
    CHECK(rate[0].find("--remote-rate 3") != std::string::npos);
    CHECK(beyond(limits, arriving({0, 0, 0, 0}), "staging").size() == 2);
}
