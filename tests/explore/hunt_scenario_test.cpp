#include "explore/hunt_scenario.hpp"

#include "plan/generated_plans.hpp"
#include "support/source_folder.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace std::chrono_literals;

namespace {

Scenario shipped(const std::string& name, const ScenarioOverrides& overrides = {})
{
    auto loaded = load_scenario(source_folder() / "scenarios" / (name + ".json"), overrides);
    for (const auto& problem : loaded.problems) UNSCOPED_INFO(to_string(problem));
    REQUIRE(loaded.scenario);
    return std::move(*loaded.scenario);
}

Latency latency(const std::string& id, Duration longest)
{
    Latency latency;
    latency.id = id;
    latency.count = 1;
    latency.max = longest;
    return latency;
}

bool has_faults(const Scenario& scenario)
{
    const auto& server = scenario.target.server;
    return !scenario.life_cycle.empty() || !scenario.dependency_faults.empty() ||
           !scenario.link_faults.empty() || (server && server->ingress);
}

} // namespace

TEST_CASE("Of all executions the longest times of events count, and nothing else", "[explore]")
{
    EventTimes times;
    times.add({latency("first_event", 30ms), latency("event", 5ms), latency("run", 70ms),
               latency("login", 10s), latency("ping", 10s)});
    times.add({latency("first_event", 20ms), latency("event", 6ms), latency("run", 60ms)});
    CHECK(times.first_event == 30ms);
    CHECK(times.event == 6ms);
    CHECK(times.run == 70ms);
}

TEST_CASE("Quick deadlines are twenty times what was seen, and a second at least", "[explore]")
{
    const auto scenario = shipped("golden_path"); // 3 s, 3 s, 5 s
    const auto quick = with_quick_deadlines(scenario, {.first_event = 20ms, .event = 100ms, .run = 210ms});
    CHECK(quick.expectations.deadlines.first_event == 1s);
    CHECK(quick.expectations.deadlines.event_gap == 2s);
    CHECK(quick.expectations.deadlines.run == 4200ms);
    CHECK(quick.digest != scenario.digest);
}

TEST_CASE("Quick deadlines never give more time than the scenario does", "[explore]")
{
    const auto scenario = shipped("golden_path");
    const auto quick = with_quick_deadlines(scenario, {.first_event = 1s, .event = 2s, .run = 10s});
    CHECK(quick.digest == scenario.digest);
    const auto strict = shipped(
        "golden_path", {.set = {{"deadlines.first_event", "300ms"}, {"deadlines.event_gap", "200ms"}}});
    const auto deadlines =
        with_quick_deadlines(strict, {.first_event = 1ms, .event = 1ms, .run = 10ms}).expectations.deadlines;
    CHECK(deadlines.first_event == 300ms);
    CHECK(deadlines.event_gap == 200ms);
    CHECK(deadlines.run == 1s);
}

TEST_CASE("A run is given the time of its slowest part, also where no run was seen to end", "[explore]")
{
    const auto deadlines =
        with_quick_deadlines(shipped("golden_path"), {.first_event = 100ms, .event = 50ms, .run = {}})
            .expectations.deadlines;
    CHECK(deadlines.first_event == 2s);
    CHECK(deadlines.event_gap == 1s);
    CHECK(deadlines.run == 2s);
}

TEST_CASE("Without anything seen, deadlines stay as they are", "[explore]")
{
    const auto scenario = shipped("golden_path");
    CHECK(with_quick_deadlines(scenario, {}).canonical == scenario.canonical);
}

TEST_CASE("Deadlines of every shipped scenario are shortened only where nothing makes events late, and can "
          "be read again",
          "[explore]")
{
    std::size_t disturbed = 0;
    std::size_t shortened = 0;
    auto all = shipped_scenarios();
    all.push_back(every_fault_scenario());
    for (const auto& scenario : all) {
        CAPTURE(scenario.name);
        const auto quick = with_quick_deadlines(scenario, {.first_event = 1ms, .event = 1ms, .run = 5ms});
        const auto& before = scenario.expectations.deadlines;
        const auto& after = quick.expectations.deadlines;
        CHECK(after.first_event <= before.first_event);
        CHECK(after.event_gap <= before.event_gap);
        CHECK(after.run <= before.run);
        if (has_faults(scenario)) {
            ++disturbed;
            CHECK(quick.canonical == scenario.canonical);
            continue;
        }
        shortened += after.run < before.run ? 1 : 0;
        const auto again = parse_scenario(quick.canonical, "again", ".");
        for (const auto& problem : again.problems) UNSCOPED_INFO(to_string(problem));
        REQUIRE(again.scenario);
        CHECK(again.scenario->digest == quick.digest);
        CHECK(again.scenario->expectations.deadlines.run == after.run);
    }
    CHECK(disturbed > 5);
    CHECK(shortened > 5);
}

TEST_CASE("A plan needs patience if anything that it does can make events late", "[explore]")
{
    const auto plain = make_plan(shipped("golden_path", {.set = {{"users.count", "3"}}}), 1);
    CHECK_FALSE(needs_patience(plain));
    auto plan = plain;
    plan.anchor = Arrival::Anchor::spawn;
    CHECK(needs_patience(plan));
    plan = plain;
    plan.life_cycle.emplace_back();
    CHECK(needs_patience(plan));
    plan = plain;
    plan.dependency_faults.emplace_back();
    CHECK(needs_patience(plan));
    plan = plain;
    plan.link_faults.emplace_back();
    CHECK(needs_patience(plan));
    plan = plain;
    plan.ingress.emplace();
    CHECK(needs_patience(plan));
}
