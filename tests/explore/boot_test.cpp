#include "explore/boot.hpp"

#include "explore/cold_start_search.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;

TEST_CASE("A cold start plays the scenario's users alone: one connection each, no retry, no other fault",
          "[explore]")
{
    Scenario scenario;
    scenario.target.server.emplace();
    scenario.connections = 3;
    scenario.arrival.pattern = Arrival::Pattern::ramp;
    scenario.arrival.over = std::chrono::seconds{1};
    scenario.delays.push_back({.at = "connect", .delay = {}});
    scenario.life_cycle.push_back({});
    scenario.dependency_faults.push_back({});
    const auto adapted = for_cold_start(scenario, Arrival::Anchor::spawn, std::chrono::seconds{5});
    CHECK(adapted.connections == 1);
    CHECK(adapted.arrival.pattern == Arrival::Pattern::all_at_once);
    CHECK(adapted.arrival.after == Arrival::Anchor::spawn);
    CHECK_FALSE(adapted.retry_refused);
    CHECK(adapted.delays.empty());
    CHECK(adapted.life_cycle.empty());
    CHECK(adapted.dependency_faults.size() == 1); // a slow start is what is looked at
}

TEST_CASE("A cold start has one instance of the server: offsets count from its anchor", "[explore]")
{
    Scenario scenario;
    scenario.target.server.emplace().instances = 3;
    const auto adapted = for_cold_start(scenario, Arrival::Anchor::port_open, std::chrono::seconds{5});
    CHECK(adapted.target.server->instances == 1);
}

TEST_CASE("A cold start lasts until the last user of the range may be done, however long that is",
          "[explore]")
{
    Scenario scenario;
    scenario.target.server.emplace();
    scenario.journeys.emplace_back(1).front().action = Action::await_welcome;
    auto& limits = scenario.expectations.deadlines;
    const auto total = [&scenario](Duration until) {
        return for_cold_start(scenario, Arrival::Anchor::port_open, until).expectations.deadlines.total;
    };
    limits.total = std::chrono::seconds{1};
    CHECK(total(std::chrono::seconds{3}) >= std::chrono::seconds{3} + limits.welcome + limits.close);
    limits.total = std::chrono::minutes{5};
    CHECK(total(std::chrono::seconds{3}) == std::chrono::minutes{5}); // raised, never lowered
}

TEST_CASE("The exit status says what was found, and how sure that is", "[explore]")
{
    ColdStartReport report;
    CHECK(exit_status(report) == 0);
    report.problem = "nobody was served";
    CHECK(exit_status(report) == 3);
    report.windows.emplace_back();
    CHECK(exit_status(report) == 1);
    report.interrupted = true;
    CHECK(exit_status(report) == 130);
    ColdStartReport lying;
    lying.lie = ReadinessLie{};
    CHECK(exit_status(lying) == 1);
}
