#include "plan/plan.hpp"

#include "plan/arrival.hpp"
#include "plan/casting.hpp"
#include "plan/delays.hpp"
#include "plan/gates.hpp"

#include <algorithm>
#include <numeric>

namespace wsrace {

namespace {

std::uint32_t requests_in(const std::vector<StepSpec>& journey)
{
    return static_cast<std::uint32_t>(std::count_if(
        journey.begin(), journey.end(), [](const auto& step) { return step.action == Action::request; }));
}

void add_role(const BehaviourSpec& behaviour, Plan& plan)
{
    plan.roles.push_back({.behaviour = behaviour.kind,
                          .connections = behaviour.connections,
                          .first_journey = plan.journeys.size(),
                          .journeys = behaviour.journeys.size()});
    plan.journeys.insert(plan.journeys.end(), behaviour.journeys.begin(), behaviour.journeys.end());
}

} // namespace

const PlannedUser* Plan::find_user(UserId id) const
{
    const auto found =
        std::lower_bound(users.begin(), users.end(), id,
                         [](const PlannedUser& user, UserId wanted) { return user.id < wanted; });
    return found != users.end() && found->id == id ? &*found : nullptr;
}

std::uint32_t Plan::request_count() const
{
    std::vector<std::uint32_t> per_user(roles.size(), 0);
    for (std::size_t number = 0; number < roles.size(); ++number) {
        const Role& played = roles[number];
        for (std::uint16_t slot = 0; slot < played.connections; ++slot)
            per_user[number] += requests_in(journeys[played.first_journey + slot % played.journeys]);
    }
    return std::accumulate(users.begin(), users.end(), std::uint32_t{0},
                           [&](std::uint32_t sum, const auto& user) { return sum + per_user[user.role]; });
}

std::uint32_t Plan::connection_count() const
{
    return std::accumulate(
        users.begin(), users.end(), std::uint32_t{0},
        [this](std::uint32_t sum, const auto& user) { return sum + role(user).connections; });
}

std::uint16_t Plan::most_connections() const
{
    std::uint16_t most = connections;
    for (const auto& user : users) most = std::max(most, role(user).connections);
    return most;
}

Plan make_plan(const Scenario& scenario, std::uint64_t seed)
{
    const auto cast = cast_behaviours(scenario, seed);
    Plan plan{.seed = seed,
              .scenario = scenario.name,
              .scenario_digest = scenario.digest,
              .anchor = scenario.arrival.after,
              .connections = scenario.connections,
              .journeys = scenario.journeys,
              .roles = {{.behaviour = std::nullopt,
                         .connections = scenario.connections,
                         .first_journey = 0,
                         .journeys = scenario.journeys.size()}},
              .life_cycle = scenario.life_cycle,
              .users = {},
              .dependency_faults = scenario.dependency_faults,
              .link_faults = scenario.link_faults,
              .ingress = scenario.target.server ? scenario.target.server->ingress : std::nullopt,
              .gates = plan_gates(scenario, cast, seed),
              .constraints = plan_constraints(scenario, cast, seed)};
    for (const auto& behaviour : scenario.behaviours) add_role(behaviour, plan);
    const auto offsets = arrivals(scenario.arrival, scenario.users, seed);
    std::vector<bool> others{names_other(scenario.journeys)}; // by role
    for (const auto& behaviour : scenario.behaviours) others.push_back(names_other(behaviour.journeys));
    plan.users.reserve(scenario.users);
    for (std::uint32_t number = 0; number < scenario.users; ++number) {
        PlannedUser user{.id = UserId{number},
                         .arrival = offsets[number],
                         .carrier = scenario.carriers[number % scenario.carriers.size()],
                         .delays = {},
                         .role = cast[number]};
        if (others[user.role]) user.other = draw_other(cast, user.id, seed);
        for (std::uint16_t slot = 0; slot < plan.role(user).connections; ++slot)
            for (const auto& delay :
                 plan_delays(scenario, plan.journey(user, slot), user.id, slot, seed, Pauses::with))
                user.delays.push_back(delay);
        plan.users.push_back(std::move(user));
    }
    return plan;
}

} // namespace wsrace
