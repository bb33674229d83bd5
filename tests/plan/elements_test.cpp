#include "plan/elements.hpp"

#include "plan/gap_variation.hpp"
#include "plan/generated_plans.hpp"
#include "plan/plan_reader.hpp"

#include "core/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace wsrace;
using namespace std::chrono_literals;

namespace {

using Kind = Element::Kind;

std::size_t find(const std::vector<Element>& all, Kind kind, std::size_t index, std::size_t part = 0)
{
    const auto found = std::find_if(all.begin(), all.end(), [&](const Element& one) {
        return one.kind == kind && one.index == index && one.part == part;
    });
    REQUIRE(found != all.end());
    return static_cast<std::size_t>(found - all.begin());
}

Plan without_one(const Plan& plan, Kind kind, std::size_t index, std::size_t part = 0)
{
    const auto all = elements(plan);
    std::vector<bool> keep(all.size(), true);
    keep[find(all, kind, index, part)] = false;
    return without(plan, keep);
}

// Two ordinary users with two connections each, and a leaver.
Plan sample()
{
    auto loaded = parse_scenario(R"({
        "name": "sample", "users": {"count": 3, "connections": 2, "arrival": {"pattern": "ramp",
          "over": "20ms"},
                  "behaviours": [{"behaviour": "leaver", "users": 1}]},
        "target": {"server": {"command": ["serve", "{port}"]}},
        "journey": ["login", "connect", "await_welcome", {"pause": "3ms"},
          {"request": {"text": "a {canary}"}},
                    "await_events", "close"],
        "faults": [{"at": "request", "delay": "5ms"}, {"server": "restart", "at": "30ms"}]})",
                                 "sample.json", {});
    REQUIRE(loaded.scenario);
    std::uint64_t seed = 0;
    while (make_plan(*loaded.scenario, seed).users[2].role == 0) ++seed; // until user 2 is the one who leaves
    auto plan = make_plan(*loaded.scenario, seed);
    const auto moment = [](std::uint32_t user, std::uint16_t slot, std::uint16_t step,
                           std::string_view word) {
        return PlannedMoment{.user = UserId{user}, .slot = slot, .step = step, .moment = *held_moment(word)};
    };
    plan.gates = {
        {.number = 0,
         .within = 1s,
         .tolerance = 5ms,
         .members = {moment(0, 0, 1, "connect"), moment(0, 1, 1, "connect"), moment(1, 0, 1, "connect")}}};
    plan.constraints = {{.number = 0,
                         .gap = 1ms,
                         .within = 1s,
                         .tolerance = 1ms,
                         .step = moment(0, 1, 4, "request"),
                         .after = moment(2, 0, 3, "request")},
                        {.number = 1,
                         .gap = 2ms,
                         .within = 1s,
                         .tolerance = 1ms,
                         .step = moment(1, 1, 6, "close"),
                         .after = moment(0, 0, 4, "request")}};
    return plan;
}

} // namespace

TEST_CASE("A plan keeps what is not left out", "[plan]")
{
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const auto plan = generated_plan(seed);
        const auto same = without(plan, std::vector<bool>(elements(plan).size(), true));
        CHECK(same.users.size() == plan.users.size());
        for (std::size_t i = 0; i < plan.users.size(); ++i) {
            CHECK(same.users[i].delays == plan.users[i].delays);
            CHECK(same.role(same.users[i]).behaviour == plan.role(plan.users[i]).behaviour);
            for (std::uint16_t slot = 0; slot < plan.role(plan.users[i]).connections; ++slot)
                CHECK(same.journey(same.users[i], slot) == plan.journey(plan.users[i], slot));
        }
        CHECK(same.constraints.size() == plan.constraints.size());
        CHECK(same.gates.size() == plan.gates.size());
    }
}

TEST_CASE("Whatever is left out, the rest is a plan that can be played", "[plan]")
{
    const auto scenario = every_fault_scenario();
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        auto plan = generated_plan(seed);
        auto random = random_stream(seed, "left out");
        for (int round = 0; round < 4 && !plan.users.empty(); ++round) {
            const auto all = elements(plan);
            std::vector<bool> keep;
            for (std::size_t i = 0; i < all.size(); ++i) keep.push_back(random() % 10 < 7);
            const auto less = without(plan, keep);
            if (!less.users.empty()) {
                const auto text = plan_json(less);
                const auto loaded = parse_plan(text, "plan.json", scenario);
                CAPTURE(seed, round, loaded.problems.empty() ? "" : to_string(loaded.problems.front()));
                REQUIRE(loaded.plan);
                CHECK(plan_json(*loaded.plan) == text);
            }
            CHECK(elements(less).size() <= all.size());
            plan = less;
        }
    }
}

TEST_CASE("Elements say what they are, parents first", "[plan]")
{
    const auto all = elements(sample());
    std::string texts;
    for (std::size_t i = 0; i < all.size(); ++i) {
        texts += all[i].text + "\n";
        for (const auto parent : all[i].parents) CHECK(parent < i);
    }
    for (const auto* const line :
         {"user 0\n", "connection 1 of user 0\n", "behaviour of user 2: leaver\n",
          "arrival of user 1 after 10 ms\n", "delay: pause of 3 ms of user 0, connection 0, step 3\n",
          "gate at connect with 3 members\n", "at the gate: connect of user 1, connection 0\n",
          "constraint: close of user 1, connection 1 2 ms after request of user 0, connection 0\n",
          "restart of the server at 30 ms\n"}) {
        CAPTURE(line, texts);
        CHECK(texts.find(line) != std::string::npos);
    }
}

TEST_CASE("With a user go its delays, its place at gates and its constraints; the others keep their numbers",
          "[plan]")
{
    const auto plan = without_one(sample(), Kind::user, 0);
    REQUIRE(plan.users.size() == 2);
    CHECK(plan.users[0].id == UserId{1});
    CHECK(plan.users[1].id == UserId{2});
    CHECK(plan.gates.empty()); // one alone waits for nobody
    CHECK(plan.constraints.empty());
    CHECK(plan.users[0].delays == sample().users[1].delays);
}

TEST_CASE("With a connection go its waits, and the others keep their numbers", "[plan]")
{
    const auto plan = without_one(sample(), Kind::connection, 0, 0);
    CHECK(plan.role(plan.users[0]).connections == 2);
    CHECK(plan.journey(plan.users[0], 0).empty());
    CHECK_FALSE(plan.journey(plan.users[0], 1).empty());
    CHECK_FALSE(plan.journey(plan.users[1], 0).empty());
    for (const auto& delay : plan.users[0].delays) CHECK(delay.slot == 1);
    REQUIRE(plan.gates.size() == 1);
    CHECK(plan.gates[0].members.size() == 2);
    REQUIRE(plan.constraints.size() == 1);
    CHECK(plan.constraints[0].number == 0);
    CHECK(plan.constraints[0].step.user == UserId{0});

    const auto second = without_one(sample(), Kind::connection, 0, 1);
    CHECK(second.role(second.users[0]).connections == 1);
    const auto none = without_one(plan, Kind::user, 0);
    CHECK(none.users.size() == 2);
}

TEST_CASE("A user without its behaviour walks the ordinary journey, pauses included, and meets others there",
          "[plan]")
{
    const auto plan = without_one(sample(), Kind::behaviour, 2);
    CHECK(plan.users[2].role == 0);
    CHECK(plan.roles.size() == 1);
    REQUIRE(plan.constraints.size() == 2);
    CHECK(plan.constraints[0].after.step == 4); // the request of the ordinary journey
    const auto pauses = std::count_if(plan.users[2].delays.begin(), plan.users[2].delays.end(),
                                      [](const PlannedDelay& delay) { return delay.step == 3; });
    CHECK(pauses == 2);
}

TEST_CASE("A user without its behaviour names somebody else where the ordinary journey does", "[plan]")
{
    auto from = sample();
    for (auto& step : from.journeys[0]) // of a request
        if (step.action == Action::request) step.thread = "notes-{other_user}";
    from.users[0].other = UserId{1};
    from.users[1].other = UserId{0};
    CHECK_FALSE(without(from, {}).users[2].other);
    CHECK(without_one(from, Kind::behaviour, 2).users[2].other == UserId{0});
    from.users.erase(from.users.begin(), from.users.begin() + 2);
    from.gates.clear();
    from.constraints.clear();
    CHECK(without_one(from, Kind::behaviour, 0).users[0].other == UserId{0}); // nobody else is left
}

TEST_CASE("Delays, arrivals, members, constraints and faults go one by one", "[plan]")
{
    const auto plan = sample();
    CHECK(without_one(plan, Kind::arrival, 1).users[1].arrival == 0ms);
    CHECK(without_one(plan, Kind::delay, 1, 0).users[1].delays.size() == plan.users[1].delays.size() - 1);
    const auto members = without_one(plan, Kind::gate_member, 0, 1);
    REQUIRE(members.gates.size() == 1);
    CHECK(members.gates[0].members.size() == 2);
    const auto constraints = without_one(plan, Kind::constraint, 0);
    REQUIRE(constraints.constraints.size() == 1);
    CHECK(constraints.constraints[0].gap == 2ms);
    CHECK(constraints.constraints[0].number == 0);
    CHECK(without_one(plan, Kind::gate, 0).gates.empty());
    CHECK(without_one(plan, Kind::life_cycle, 0).life_cycle.empty());
}

TEST_CASE("When nobody sends SIGTERM any more, those who came after it come at that time", "[plan]")
{
    auto plan = sample();
    plan.anchor = Arrival::Anchor::terminating;
    const auto less = without_one(plan, Kind::life_cycle, 0);
    CHECK(less.anchor == Arrival::Anchor::ready);
    CHECK(less.users[0].arrival == 30ms);
    CHECK(less.users[2].arrival == 50ms);
}

TEST_CASE("The things that an ingress does are left out one by one", "[plan]")
{
    auto plan = generated_plan(0);
    plan.ingress = every_fault_scenario().target.server->ingress;
    const auto all = elements(plan);
    std::size_t count = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].kind != Kind::ingress) continue;
        ++count;
        std::vector<bool> keep(all.size(), true);
        keep[i] = false;
        const auto less = elements(without(plan, keep));
        CHECK(std::none_of(less.begin(), less.end(),
                           [&](const Element& one) { return one.text == all[i].text; }));
        CHECK(less.size() == all.size() - 1);
    }
    CHECK(count == 10);
}

TEST_CASE("Times of a plan can be tuned, and nothing else changes", "[plan]")
{
    const auto plan = sample();
    const auto all = gaps(plan);
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto tuned = plan;
        set_gap(tuned, all[i], 1234567ns);
        const auto after = gaps(tuned);
        REQUIRE(after.size() == all.size());
        for (std::size_t k = 0; k < all.size(); ++k)
            CHECK(after[k].value == (k == i ? 1234us : all[k].value));
        set_gap(tuned, all[i], all[i].value);
        CHECK(plan_json(tuned) == plan_json(plan));
    }
    CHECK(std::count_if(all.begin(), all.end(),
                        [](const Gap& gap) { return gap.kind == Gap::Kind::arrival; }) == 3);
}

TEST_CASE("Other gaps are near those of the plan, on both sides, and some stay as they are", "[plan]")
{
    const auto plan = sample();
    const auto before = gaps(plan);
    std::size_t same = 0, more = 0, less = 0;
    for (std::uint64_t number = 0; number < 200; ++number) {
        const auto other = with_other_gaps(plan, 1, number);
        const auto after = gaps(other);
        REQUIRE(after.size() == before.size());
        for (std::size_t i = 0; i < before.size(); ++i) {
            same += after[i].value == before[i].value ? 1 : 0;
            more += after[i].value > before[i].value ? 1 : 0;
            less += after[i].value < before[i].value ? 1 : 0;
            CHECK(after[i].value >= 0ms);
            CHECK(std::chrono::abs(after[i].value - before[i].value) <= 50ms);
        }
        CHECK(other.journeys.size() == plan.journeys.size());
        CHECK(plan_json(other) == plan_json(with_other_gaps(plan, 1, number)));
    }
    const auto all = 200 * before.size();
    CHECK(same > all / 3);
    CHECK(more > all / 6);
    CHECK(less > all / 12); // a gap of nothing cannot be shorter
}

TEST_CASE("A single user without a delay has no other gaps", "[plan]")
{
    auto plan = sample();
    CHECK(can_vary_gaps(plan));
    plan.users.resize(1);
    plan.constraints.clear();
    plan.gates.clear();
    CHECK(can_vary_gaps(plan) == !plan.users.front().delays.empty());
    plan.users.front().delays.clear();
    CHECK_FALSE(can_vary_gaps(plan));
    plan.users.front().delays = {{.slot = 0, .step = 1, .delay = 2ms}};
    CHECK(can_vary_gaps(plan));
}
