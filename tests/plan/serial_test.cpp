#include "plan/serial.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace std::chrono_literals;

namespace {

StepSpec step(Action action)
{
    StepSpec spec;
    spec.action = action;
    return spec;
}

// Three users with two tabs; the first tab is opened twice, the second one begins with a pause.
Scenario sample()
{
    Scenario scenario;
    scenario.name = "sample";
    scenario.users = 3;
    scenario.connections = 2;
    scenario.carriers = {TokenCarrier::authorization};
    scenario.journeys = {{step(Action::login), step(Action::connect), step(Action::drop),
                          step(Action::connect), step(Action::close)},
                         {step(Action::pause), step(Action::connect), step(Action::close)}};
    scenario.arrival.pattern = Arrival::Pattern::ramp;
    scenario.arrival.over = 1s;
    StartingGate gate;
    gate.at = {.kind = Moment::Kind::upgrade_sent, .action = Action::connect};
    scenario.gates = {gate};
    return scenario;
}

bool waits(const Plan& plan, const PlannedMoment& step, const PlannedMoment& after)
{
    return std::any_of(plan.constraints.begin(), plan.constraints.end(), [&](const PlannedConstraint& each) {
        return each.step == step && each.after == after && each.gap == Duration{};
    });
}

} // namespace

TEST_CASE("In the serial baseline each connection waits for the end of all of the user before")
{
    const auto plan = serial(make_plan(sample(), 1));
    CHECK(plan.gates.empty());
    CHECK(plan.constraints.size() == 8);
    for (const auto& user : plan.users) CHECK(user.arrival == Duration{});
    // Where a late step made an execution void, no serial baseline would ever say anything.
    for (const auto& each : plan.constraints) CHECK(each.tolerance >= 60s);
    const Moment login{.kind = Moment::Kind::step, .action = Action::login};
    const Moment connect{.kind = Moment::Kind::step, .action = Action::connect};
    const Moment ended{.kind = Moment::Kind::ended, .action = Action::connect};
    for (const std::uint32_t user : {1U, 2U}) {
        const UserId before{user - 1};
        CHECK(waits(plan, {UserId{user}, 0, 0, login}, {before, 0, 3, ended}));
        CHECK(waits(plan, {UserId{user}, 0, 0, login}, {before, 1, 1, ended}));
        CHECK(waits(plan, {UserId{user}, 1, 1, connect}, {before, 0, 3, ended}));
        CHECK(waits(plan, {UserId{user}, 1, 1, connect}, {before, 1, 1, ended}));
    }
}

TEST_CASE("The serial baseline keeps journeys, delays and what surrounds the target")
{
    auto scenario = sample();
    DelayFault delay;
    delay.at = "connect";
    delay.delay = {.kind = Distribution::Kind::fixed, .low = 5ms, .high = 5ms};
    scenario.delays = {delay};
    scenario.life_cycle = {{.kind = LifeCycleFault::Kind::restart, .at = 10ms}};
    const auto plan = make_plan(scenario, 1);
    const auto one_by_one = serial(plan);
    CHECK(one_by_one.journeys == plan.journeys);
    CHECK(one_by_one.life_cycle.size() == 1);
    REQUIRE(one_by_one.users.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK_FALSE(one_by_one.users[i].delays.empty());
        CHECK(one_by_one.users[i].delays == plan.users[i].delays);
    }
}
