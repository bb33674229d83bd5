#include "explore/longest_journey.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using std::chrono::seconds;

TEST_CASE("The longest journey is the sum of what its steps may take, of the longest of them", "[explore]")
{
    Scenario scenario;
    auto& limits = scenario.expectations.deadlines;
    limits.login = seconds{3};
    limits.welcome = seconds{20};
    limits.close = seconds{2};
    StepSpec login, welcome, pause;
    login.action = Action::login;
    welcome.action = Action::await_welcome;
    pause.duration = {.kind = Distribution::Kind::uniform, .low = seconds{1}, .high = seconds{7}};
    scenario.journeys = {{login}, {login, welcome, pause}, {pause}};
    CHECK(longest_journey(scenario) >= seconds{3 + 20 + 7 + 2});
    CHECK(longest_journey(scenario) <= seconds{3 + 20 + 7 + 2 + 1});
    scenario.journeys.erase(scenario.journeys.begin() + 1);
    CHECK(longest_journey(scenario) <= seconds{7 + 2 + 1});
}
