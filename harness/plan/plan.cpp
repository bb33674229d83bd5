#include "plan/plan.hpp"

#include "core/draw.hpp"
#include "plan/arrival.hpp"
#include "plan/casting.hpp"
#include "plan/gates.hpp"

#include <boost/random/uniform_real_distribution.hpp>

#include <algorithm>
#include <numeric>

namespace wsrace {

namespace {

// Whether a fault whose users are given as a share hits this user: one draw per fault and user.
bool is_hit(const DelayFault& fault, std::size_t number, UserId user, std::uint64_t seed)
{
    if (fault.share >= 1.0) return true;
    auto random = random_stream(seed, "fault user", number, user.value);
    return boost::random::uniform_real_distribution<double>{0.0, 1.0}(random) < fault.share;
}

// The sum of the delays of all faults for which `concerns` holds.
template <typename Concerns>
Duration fault_delay(const Scenario& scenario, UserId user, std::uint64_t place, std::uint64_t seed,
                     Concerns&& concerns)
{
    Duration sum{};
    for (std::size_t number = 0; number < scenario.delays.size(); ++number) {
        const auto& fault = scenario.delays[number];
        if (!concerns(fault) || !is_hit(fault, number, user, seed)) continue;
        auto random = random_stream(seed, "fault delay", number << 32U | user.value, place);
        sum += draw(fault.delay, random);
    }
    return sum;
}

struct PlannedConnection {
    const Scenario& scenario;
    const std::vector<StepSpec>& journey;
    std::uint16_t slot;
    std::uint64_t seed;
    PlannedUser& user;

    std::uint64_t place(std::size_t step) const { return std::uint64_t{slot} << 32U | step; }

    void add(std::size_t step, PlannedDelay::Point point, Duration delay)
    {
        if (delay > Duration{})
            user.delays.push_back(
                {.slot = slot, .step = static_cast<std::uint16_t>(step), .delay = delay, .point = point});
    }

    Duration delay_at(std::size_t step, std::string_view at) const
    {
        return fault_delay(scenario, user.id, place(step), seed,
                           [at](const DelayFault& fault) { return fault.at == at && fault.event == 0; });
    }

    // What follows an awaited event is delayed, be it the end of the journey.
    Duration delay_after_event(std::size_t step) const
    {
        if (step == 0 || journey[step - 1].action != Action::await_event) return {};
        return fault_delay(
            scenario, user.id, place(step - 1), seed,
            [events = journey[step - 1].events](const DelayFault& fault) { return fault.event == events; });
    }

    void plan()
    {
        using Point = PlannedDelay::Point;
        for (std::size_t step = 0; step < journey.size(); ++step) {
            const auto& spec = journey[step];
            auto delay = delay_at(step, name(spec.action)) + delay_after_event(step);
            if (spec.action == Action::pause) {
                auto random = random_stream(seed, "pause", user.id.value, place(step));
                delay += draw(spec.duration, random);
            }
            add(step, Point::step, delay);
            if (spec.action != Action::connect) continue;
            add(step, Point::tls, delay_at(step, "tls"));
            add(step, Point::upgrade_sent, delay_at(step, "upgrade_sent"));
        }
        if (!journey.empty()) add(journey.size(), Point::step, delay_after_event(journey.size()));
    }
};

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
            PlannedConnection{scenario, plan.journey(user, slot), slot, seed, user}.plan();
        plan.users.push_back(std::move(user));
    }
    return plan;
}

} // namespace wsrace
