#include "plan/plan.hpp"

#include "core/draw.hpp"
#include "plan/arrival.hpp"
#include "plan/gates.hpp"

#include <boost/random/uniform_real_distribution.hpp>

#include <algorithm>

namespace wsrace {

namespace {

// Whether a fault whose users are given as a share hits this user: one draw per fault and user.
bool is_hit(const DelayFault& fault, std::size_t number, UserId user, std::uint64_t seed)
{
    if (fault.share >= 1.0) return true;
    auto random = random_stream(seed, "fault user", number, user.value);
    return boost::random::uniform_real_distribution<double>{0.0, 1.0}(random) < fault.share;
}

Duration fault_delay(const Scenario& scenario, UserId user, std::uint64_t place, Action action,
                     std::uint64_t seed)
{
    Duration sum{};
    for (std::size_t number = 0; number < scenario.delays.size(); ++number) {
        const auto& fault = scenario.delays[number];
        if (fault.at != name(action) || !is_hit(fault, number, user, seed)) continue;
        auto random = random_stream(seed, "fault delay", number << 32U | user.value, place);
        sum += draw(fault.delay, random);
    }
    return sum;
}

void plan_connection(const Scenario& scenario, const std::vector<StepSpec>& journey, std::uint16_t slot,
                     std::uint64_t seed, PlannedUser& user)
{
    for (std::size_t step = 0; step < journey.size(); ++step) {
        const auto place = std::uint64_t{slot} << 32U | step;
        auto delay = fault_delay(scenario, user.id, place, journey[step].action, seed);
        if (journey[step].action == Action::pause) {
            auto random = random_stream(seed, "pause", user.id.value, place);
            delay += draw(journey[step].duration, random);
        }
        if (delay > Duration{})
            user.delays.push_back({.slot = slot, .step = static_cast<std::uint16_t>(step), .delay = delay});
    }
}

} // namespace

std::uint32_t Plan::request_count() const
{
    std::uint32_t per_user = 0;
    for (std::uint16_t slot = 0; slot < connections; ++slot) {
        const auto& steps = journey(slot);
        per_user += static_cast<std::uint32_t>(std::count_if(
            steps.begin(), steps.end(), [](const auto& step) { return step.action == Action::request; }));
    }
    return per_user * static_cast<std::uint32_t>(users.size());
}

Plan make_plan(const Scenario& scenario, std::uint64_t seed)
{
    Plan plan{.seed = seed,
              .scenario = scenario.name,
              .scenario_digest = scenario.digest,
              .anchor = scenario.arrival.after,
              .connections = scenario.connections,
              .journeys = scenario.journeys,
              .life_cycle = scenario.life_cycle,
              .users = {},
              .dependency_faults = scenario.dependency_faults,
              .ingress = scenario.target.server ? scenario.target.server->ingress : std::nullopt,
              .gates = plan_gates(scenario, seed),
              .constraints = plan_constraints(scenario, seed),
              .link_faults = scenario.link_faults};
    const auto offsets = arrivals(scenario.arrival, scenario.users, seed);
    plan.users.reserve(scenario.users);
    for (std::uint32_t number = 0; number < scenario.users; ++number) {
        PlannedUser user{.id = UserId{number},
                         .arrival = offsets[number],
                         .carrier = scenario.carriers[number % scenario.carriers.size()],
                         .delays = {}};
        for (std::uint16_t slot = 0; slot < scenario.connections; ++slot)
            plan_connection(scenario, plan.journey(slot), slot, seed, user);
        plan.users.push_back(std::move(user));
    }
    return plan;
}

} // namespace wsrace
