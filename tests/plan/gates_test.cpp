#include "plan/gates.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace wsrace;
using namespace std::chrono_literals;

namespace {

constexpr Moment request_moment{.kind = Moment::Kind::step, .action = Action::request, .event = 0};
constexpr Moment upgrade_moment{.kind = Moment::Kind::upgrade_sent, .action = Action::connect, .event = 0};

// Two connections; the second one connects twice.
Scenario sample()
{
    Scenario scenario;
    scenario.name = "sample";
    scenario.users = 100;
    scenario.connections = 2;
    scenario.carriers = {TokenCarrier::authorization};
    StepSpec connect;
    connect.action = Action::connect;
    StepSpec request;
    request.action = Action::request;
    StepSpec close;
    close.action = Action::close;
    scenario.journeys = {{connect, request, close}, {connect, close, connect, request, close}};
    return scenario;
}

StartingGate gate_at(const Moment& moment)
{
    StartingGate gate;
    gate.at = moment;
    return gate;
}

Constraint pairs()
{
    Constraint constraint;
    constraint.step = {.at = upgrade_moment,
                       .occurrence = 2,
                       .connection = 1,
                       .users = ConstraintEnd::Users::odd,
                       .user = 0};
    constraint.after = {.at = {.kind = Moment::Kind::event, .action = Action::request, .event = 3},
                        .occurrence = 1,
                        .connection = 0,
                        .users = ConstraintEnd::Users::previous,
                        .user = 0};
    constraint.gap = {.kind = Distribution::Kind::log_uniform, .low = 1ms, .high = 1s};
    return constraint;
}

std::set<std::uint32_t> users_of(const std::vector<PlannedGate>& gates, std::uint16_t number)
{
    std::set<std::uint32_t> users;
    for (const auto& gate : gates)
        for (const auto& member : gate.members)
            if (gate.number == number) users.insert(member.user.value);
    return users;
}

} // namespace

TEST_CASE("All connections that get to a gate's step belong to it", "[gates]")
{
    auto scenario = sample();
    scenario.users = 3;
    scenario.gates = {gate_at(request_moment)};
    const auto gates = make_plan(scenario, 1).gates;
    REQUIRE(gates.size() == 1);
    REQUIRE(gates[0].members.size() == 6);
    CHECK(gates[0].members[0] ==
          PlannedMoment{.user = UserId{0}, .slot = 0, .step = 1, .moment = request_moment});
    CHECK(gates[0].members[1] ==
          PlannedMoment{.user = UserId{0}, .slot = 1, .step = 3, .moment = request_moment});
    CHECK(gates[0].members[5].user == UserId{2});
}

TEST_CASE("Of journeys only those belong that have the step often enough", "[gates]")
{
    auto scenario = sample();
    scenario.gates = {gate_at(upgrade_moment)};
    scenario.gates[0].occurrence = 2;
    const auto gates = make_plan(scenario, 1).gates;
    REQUIRE(gates.size() == 1);
    CHECK(gates[0].members.size() == 100);
    for (const auto& member : gates[0].members) CHECK((member.slot == 1 && member.step == 2));
}

TEST_CASE("A gate of a certain size has groups in the order of users, and nobody waits alone", "[gates]")
{
    auto scenario = sample();
    scenario.users = 41; // one connection in the last group
    scenario.connections = 1;
    scenario.gates = {gate_at(request_moment)};
    scenario.gates[0].size = 20;
    const auto gates = make_plan(scenario, 1).gates;
    REQUIRE(gates.size() == 2);
    CHECK(gates[0].group == 0);
    CHECK(gates[0].members.size() == 20);
    CHECK(gates[1].group == 1);
    CHECK(gates[1].members.front().user == UserId{20});
    CHECK(gates[1].members.back().user == UserId{39});
}

TEST_CASE("Who belongs to a share is drawn per user and gate, by the seed", "[gates]")
{
    auto scenario = sample();
    scenario.gates = {gate_at(request_moment), gate_at(upgrade_moment)};
    for (auto& gate : scenario.gates) gate.share = 0.4;
    const auto gates = make_plan(scenario, 7).gates;
    const auto first = users_of(gates, 0);
    CHECK(first.size() > 20);
    CHECK(first.size() < 60);
    CHECK(first != users_of(gates, 1));
    CHECK(first == users_of(make_plan(scenario, 7).gates, 0));
    CHECK(first != users_of(make_plan(scenario, 8).gates, 0));
    // Leaving users out leaves the others as they were.
    auto fewer = scenario;
    fewer.users = 50;
    for (const auto user : users_of(make_plan(fewer, 7).gates, 0)) CHECK(first.contains(user));
}

TEST_CASE("Constraints are concrete pairs of connections with a drawn gap", "[gates]")
{
    auto scenario = sample();
    scenario.constraints = {pairs()};
    const auto constraints = make_plan(scenario, 5).constraints;
    REQUIRE(constraints.size() == 50);
    const auto& second = constraints[1];
    CHECK(second.step == PlannedMoment{.user = UserId{3}, .slot = 1, .step = 2, .moment = upgrade_moment});
    CHECK(second.after.user == UserId{2});
    CHECK(second.after.slot == 0);
    CHECK(second.after.step == 1);
    CHECK(second.after.moment.event == 3);
    std::set<Duration> gaps;
    for (const auto& constraint : constraints) {
        CHECK((constraint.gap >= 1ms && constraint.gap <= 1s));
        gaps.insert(constraint.gap);
    }
    CHECK(gaps.size() > 45);
    CHECK(make_plan(scenario, 5).constraints[7].gap == constraints[7].gap);
    CHECK(make_plan(scenario, 6).constraints[7].gap != constraints[7].gap);
}

TEST_CASE("Gates and constraints are part of a plan's bytes, and change nothing else in it", "[gates]")
{
    auto scenario = sample();
    scenario.users = 2;
    const auto without = plan_json(make_plan(scenario, 1));
    scenario.gates = {gate_at(upgrade_moment)};
    scenario.constraints = {pairs()};
    scenario.constraints[0].gap = {.kind = Distribution::Kind::fixed, .low = 20ms, .high = {}};
    const std::string lines =
        "\"gates\":[\n"
        R"({"gate":0,"group":0,"at":"upgrade_sent","within_us":2000000,"tolerance_us":5000,)"
        R"("members":[[0,0,0],[0,1,0],[1,0,0],[1,1,0]]}],)"
        "\n\"constraints\":[\n"
        R"({"constraint":0,"step":[1,1,2],"at":"upgrade_sent","after":[0,0,1],"after_at":"event:3",)"
        R"("gap_us":20000,"within_us":5000000,"tolerance_us":1000}],)"
        "\n";
    auto with = plan_json(make_plan(scenario, 1));
    CAPTURE(with);
    REQUIRE(with.find(lines) != std::string::npos);
    with.erase(with.find(lines), lines.size());
    CHECK(with == without);
}

TEST_CASE("Users with a behaviour of their own wait at no gate and for nobody", "[plan]")
{
    auto scenario = sample();
    scenario.gates = {gate_at(request_moment)};
    scenario.constraints = {pairs()};
    scenario.behaviours = {{.kind = Behaviour::leaver,
                            .share = 0,
                            .users = 10,
                            .connections = 1,
                            .journeys = scenario.journeys}};
    const auto plan = make_plan(scenario, 3);
    CHECK(users_of(plan.gates, 0).size() == 90);
    for (const auto& user : plan.users) {
        if (user.role == 0) continue;
        CHECK_FALSE(users_of(plan.gates, 0).contains(user.id.value));
        for (const auto& constraint : plan.constraints) {
            CHECK(constraint.step.user != user.id);
            CHECK(constraint.after.user != user.id);
        }
    }
}
