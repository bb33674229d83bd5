#include "plan/casting.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

using namespace wsrace;

namespace {

StepSpec step(Action action)
{
    StepSpec spec;
    spec.action = action;
    return spec;
}

Scenario cast_of(std::vector<BehaviourSpec> behaviours, std::uint32_t users = 200)
{
    Scenario scenario;
    scenario.name = "cast";
    scenario.users = users;
    scenario.carriers = {TokenCarrier::authorization};
    scenario.journeys = {{step(Action::login), step(Action::connect), step(Action::request)}};
    scenario.behaviours = std::move(behaviours);
    return scenario;
}

BehaviourSpec behaviour(Behaviour kind, double share, std::uint32_t users, std::uint16_t connections = 1)
{
    BehaviourSpec spec;
    spec.kind = kind;
    spec.share = share;
    spec.users = users;
    spec.connections = connections;
    spec.journeys = {{step(Action::login), step(Action::connect), step(Action::drop)}};
    return spec;
}

std::size_t count(const std::vector<std::size_t>& roles, std::size_t role)
{
    return static_cast<std::size_t>(std::count(roles.begin(), roles.end(), role));
}

} // namespace

TEST_CASE("A number of users is exact, a share is drawn, and a user has one behaviour at most")
{
    const auto scenario =
        cast_of({behaviour(Behaviour::leaver, 0, 7), behaviour(Behaviour::forger, 0.3, 0),
                 behaviour(Behaviour::tab_closer, 0.2, 0), behaviour(Behaviour::silent_witness, 0, 3)},
                2000);
    const auto roles = cast_behaviours(scenario, 5);
    CHECK(count(roles, 1) == 7);
    CHECK(count(roles, 4) == 3);
    CHECK(std::abs(static_cast<int>(count(roles, 2)) - 600) < 120);
    CHECK(std::abs(static_cast<int>(count(roles, 3)) - 400) < 120);
    CHECK(roles == cast_behaviours(scenario, 5));
    CHECK(roles != cast_behaviours(scenario, 6));
    CHECK(count(cast_behaviours(cast_of({behaviour(Behaviour::leaver, 1.0, 0)}), 1), 1) == 200);
}

TEST_CASE("Leaving users out changes nobody else's share")
{
    const auto all = cast_behaviours(cast_of({behaviour(Behaviour::leaver, 0.3, 0)}, 200), 9);
    const auto some = cast_behaviours(cast_of({behaviour(Behaviour::leaver, 0.3, 0)}, 50), 9);
    CHECK(std::equal(some.begin(), some.end(), all.begin()));
}

TEST_CASE("A plan gives users with a behaviour their own journeys and connections")
{
    const auto plan = make_plan(cast_of({behaviour(Behaviour::leaver, 0, 5, 3)}, 20), 1);
    REQUIRE(plan.roles.size() == 2);
    std::size_t leavers = 0;
    for (const auto& user : plan.users) {
        if (plan.role(user).behaviour != Behaviour::leaver) {
            CHECK(plan.journey(user, 0).back().action == Action::request);
            continue;
        }
        ++leavers;
        for (const std::uint16_t slot : {0, 1, 2})
            CHECK(plan.journey(user, slot).back().action == Action::drop);
    }
    CHECK(leavers == 5);
    CHECK(plan.request_count() == 15);
    CHECK(plan.connection_count() == 15 + 5 * 3);
    CHECK(plan.most_connections() == 3);
}

TEST_CASE("plan.json says who has which behaviour, and whom a squatter names")
{
    auto squatter = behaviour(Behaviour::thread_squatter, 0, 2);
    auto request = step(Action::request);
    request.thread = "notes-{other_user}";
    squatter.journeys.front().push_back(request);
    const auto plan = make_plan(cast_of({squatter}, 10), 3);
    const auto json = nlohmann::json::parse(plan_json(plan));
    std::size_t squatters = 0;
    for (const auto& user : json["users"]) {
        if (!user.contains("role")) {
            CHECK_FALSE(user.contains("other_user"));
            continue;
        }
        ++squatters;
        CHECK(user["role"] == 1);
        const auto other = user["other_user"].get<std::size_t>();
        CHECK(other != user["user"].get<std::size_t>());
        CHECK_FALSE(json["users"][other].contains("role"));
    }
    REQUIRE(json["roles"].size() == 2);
    CHECK_FALSE(json["roles"][0].contains("behaviour"));
    CHECK(json["roles"][1]["behaviour"] == "thread_squatter");
    CHECK(json["roles"][1]["journeys"] == nlohmann::json({1, 1}));
    CHECK(squatters == 2);
    CHECK(json["journeys"].size() == 2);
}
