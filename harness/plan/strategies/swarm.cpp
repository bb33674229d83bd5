// Each plan switches a random part of everything on: the scenario's own faults, behaviours, gates and
// constraints, and what the other strategies do (swarm testing: Groce et al. 2012).
#include "plan/delays.hpp"
#include "plan/gates.hpp"
#include "plan/strategies/table.hpp"

#include <algorithm>

namespace wsrace::strategy {

namespace {

using namespace std::chrono_literals;

class Coins {
public:
    explicit Coins(std::uint64_t seed) : seed_{seed} {}

    bool toss(std::string_view what, std::uint64_t number, double probability = 0.5) const
    {
        auto random = random_stream(seed_, "swarm keeps " + std::string{what}, number);
        return static_cast<double>(random() >> 11U) * 0x1p-53 < probability;
    }

    template <typename T>
    void cut_down(std::string_view what, std::vector<T>& list) const
    {
        std::vector<T> kept;
        for (std::size_t i = 0; i < list.size(); ++i)
            if (toss(what, i)) kept.push_back(list[i]);
        list = std::move(kept);
    }

private:
    std::uint64_t seed_;
};

// Nobody arrives after a SIGTERM that never comes.
void drop_lost_anchor(Scenario& scenario)
{
    const auto ends = std::any_of(scenario.life_cycle.begin(), scenario.life_cycle.end(), sends_sigterm);
    if (scenario.arrival.after == Arrival::Anchor::terminating && !ends)
        scenario.arrival.after = Arrival::Anchor::ready;
}

Scenario cut_down(Scenario scenario, const Coins& coins)
{
    coins.cut_down("life_cycle", scenario.life_cycle);
    coins.cut_down("dependency_faults", scenario.dependency_faults);
    coins.cut_down("link_faults", scenario.link_faults);
    coins.cut_down("behaviours", scenario.behaviours);
    coins.cut_down("delays", scenario.delays);
    coins.cut_down("gates", scenario.gates);
    coins.cut_down("constraints", scenario.constraints);
    drop_lost_anchor(scenario);
    return scenario;
}

// The scenario's own delays, gates and constraints, for the plan's fewer users.
void add_own(const Scenario& scenario, Draft& draft)
{
    auto own = scenario;
    auto& plan = draft.plan();
    own.users = static_cast<std::uint32_t>(plan.users.size());
    std::vector<std::size_t> cast;
    for (const auto& user : plan.users) cast.push_back(user.role);
    plan.gates = plan_gates(own, cast, plan.seed);
    plan.constraints = plan_constraints(own, cast, plan.seed);
    for (const auto& connection : draft.connections()) {
        const auto& user = plan.users[connection.user];
        for (const auto& delay : plan_delays(own, draft.journey(connection), user.id, connection.slot,
                                             plan.seed, Pauses::without))
            draft.add_delay(connection, delay.step, delay.point, delay.delay);
    }
}

void add_generated(Draft& draft, const Coins& coins)
{
    if (coins.toss("arrivals", 0)) spread_arrivals(draft, 50us, 200ms);
    if (coins.toss("uniform jitter", 0, 0.25))
        add_jitter(draft, {.log_uniform = false, .low = 0ms, .high = 20ms, .count = 3});
    if (coins.toss("log-uniform jitter", 0, 0.4))
        add_jitter(draft, {.log_uniform = true, .low = 50us, .high = 200ms, .count = 3});
    if (coins.toss("priorities", 0, 0.25)) add_priorities(draft, 1);
    if (coins.toss("reopening", 0, 0.3)) add_reopening(draft);
    if (coins.toss("barrier", 0, 0.3)) add_barrier(draft, 0);
    if (coins.toss("collisions", 0, 0.6)) add_collisions(draft, coins.toss("two collisions", 0) ? 2 : 1);
}

} // namespace

Plan swarm(const Scenario& scenario, const StrategyInput& input)
{
    const Coins coins{input.seed};
    const auto fewer = cut_down(scenario, coins);
    auto chosen = input;
    if (chosen.users == 0) chosen.users = draw_crowd(scenario, input.seed, 0.15);
    Draft draft{fewer, chosen, "swarm"};
    add_timely_arrivals(draft);
    if (coins.toss("variations", 0)) add_variations(draft, 0.4);
    const auto actor = coins.toss("behaviour", 0, 0.25) ? add_behaviour(draft) : std::nullopt;
    add_own(fewer, draft);
    if (actor) collide_with(draft, *actor);
    add_generated(draft, coins);
    return std::move(draft).finish();
}

} // namespace wsrace::strategy
