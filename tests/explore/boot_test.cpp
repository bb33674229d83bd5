#include "explore/boot.hpp"

#include "explore/cold_start_search.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;

TEST_CASE("A cold start plays the scenario's users alone: one connection each, no retry, no other fault",
          "[explore]")
{
    Scenario scenario;
    scenario.connections = 3;
    scenario.arrival.pattern = Arrival::Pattern::ramp;
    scenario.arrival.over = std::chrono::seconds{1};
    scenario.delays.push_back({.at = "connect", .delay = {}});
    scenario.life_cycle.push_back({});
    scenario.dependency_faults.push_back({});
    const auto adapted = for_cold_start(scenario, Arrival::Anchor::spawn);
    CHECK(adapted.connections == 1);
    CHECK(adapted.arrival.pattern == Arrival::Pattern::all_at_once);
    CHECK(adapted.arrival.after == Arrival::Anchor::spawn);
    CHECK_FALSE(adapted.retry_refused);
    CHECK(adapted.delays.empty());
    CHECK(adapted.life_cycle.empty());
    CHECK(adapted.dependency_faults.size() == 1); // a slow start is what is looked at
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
