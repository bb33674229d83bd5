#include "plan/strategies/draft.hpp"

#include "core/draw.hpp"
#include "plan/casting.hpp"
#include "plan/meeting_numbers.hpp"
#include "plan/plan_waits.hpp"

#include <boost/random/uniform_int_distribution.hpp>
#include <boost/random/uniform_real_distribution.hpp>

#include <algorithm>
#include <tuple>

namespace wsrace {

namespace {

using namespace std::chrono_literals;

constexpr Duration longest_wait = 10s; // at a gate or for another step; then the execution is void
constexpr Duration lateness_is_well = 60s;
constexpr std::uint32_t most_users = most_users_of_a_plan;
constexpr std::uint32_t largest_crowd = 60; // an execution of it is still quick

auto key_of(const PlannedDelay& delay) { return std::tuple{delay.slot, delay.step, delay.point}; }

bool has_timed_events(const Scenario& scenario)
{
    const auto& server = scenario.target.server;
    return !scenario.life_cycle.empty() || (server && server->ingress && !server->ingress->scale.empty());
}

// The scenario's own users, fewer, in the same proportions. Where things happen to the server at certain
// times arrivals stay spread as they are, so that somebody is there.
Plan begin(Scenario scenario, const StrategyInput& input)
{
    const auto all = std::max(scenario.users, std::uint32_t{1});
    scenario.users = input.users > 0 ? std::clamp(input.users, std::uint32_t{2}, largest_crowd)
                                     : draw_users(scenario, input.seed);
    for (auto& behaviour : scenario.behaviours) {
        if (behaviour.users > 0) behaviour.share = static_cast<double>(behaviour.users) / all;
        behaviour.users = 0;
    }
    // Without anybody who behaves so some checks would have nothing to judge.
    if (const auto count = scenario.behaviours.size(); count > 0) {
        auto random = random_stream(input.seed, "strategy behaviour");
        scenario.behaviours[boost::random::uniform_int_distribution<std::size_t>{0, count - 1}(random)]
            .users = 1;
    }
    // Two users would always come with the same two.
    auto random = random_stream(input.seed, "strategy carrier");
    const auto first =
        boost::random::uniform_int_distribution<std::size_t>{0, scenario.carriers.size() - 1}(random);
    std::rotate(scenario.carriers.begin(), scenario.carriers.begin() + static_cast<std::ptrdiff_t>(first),
                scenario.carriers.end());
    if (!has_timed_events(scenario)) scenario.arrival.pattern = Arrival::Pattern::all_at_once;
    scenario.delays.clear();
    scenario.gates.clear();
    scenario.constraints.clear();
    return make_plan(scenario, input.seed);
}

} // namespace

bool server_lasts(const std::vector<LifeCycleFault>& faults)
{
    return std::none_of(faults.begin(), faults.end(), [](const LifeCycleFault& fault) {
        return sends_sigterm(fault) || fault.kind == LifeCycleFault::Kind::kill;
    });
}

std::uint32_t draw_users(const Scenario& scenario, std::uint64_t seed)
{
    auto random = random_stream(seed, "strategy users");
    const auto draw = boost::random::uniform_real_distribution<double>{0.0, 1.0}(random);
    const auto between = [&random](std::uint32_t low, std::uint32_t high) {
        return boost::random::uniform_int_distribution<std::uint32_t>{low, high}(random);
    };
    std::uint32_t users = 2;
    if (draw >= 0.45) users = 3;
    if (draw >= 0.75) users = between(4, 6);
    if (draw >= 0.93) users = between(7, most_users);
    return std::min(users, std::max(scenario.users, std::uint32_t{2}));
}

std::uint32_t draw_crowd(const Scenario& scenario, std::uint64_t seed, double probability)
{
    auto random = random_stream(seed, "strategy crowd");
    const auto draw = boost::random::uniform_real_distribution<double>{0.0, 1.0}(random);
    const auto largest = std::clamp(scenario.users, std::uint32_t{2}, largest_crowd);
    const auto users =
        boost::random::uniform_int_distribution<std::uint32_t>{std::max(largest / 2, 2U), largest}(random);
    return draw < probability ? users : 0;
}

Draft::Draft(const Scenario& scenario, const StrategyInput& input, std::string_view strategy)
    : scenario_{scenario}, input_{input}, strategy_{strategy}, plan_{begin(scenario, input)}
{}

RandomEngine Draft::stream(std::string_view purpose, std::uint64_t a, std::uint64_t b) const
{
    return random_stream(input_.seed, strategy_ + ": " + std::string{purpose}, a, b);
}

bool Draft::decides(std::string_view purpose, double probability, std::uint64_t a, std::uint64_t b) const
{
    auto random = stream(purpose, a, b);
    return boost::random::uniform_real_distribution<double>{0.0, 1.0}(random) < probability;
}

std::size_t Draft::pick(std::string_view purpose, std::size_t count, std::uint64_t a, std::uint64_t b) const
{
    auto random = stream(purpose, a, b);
    return boost::random::uniform_int_distribution<std::size_t>{0, count - 1}(random);
}

Duration Draft::time(std::string_view purpose, Duration low, Duration high, std::uint64_t a,
                     std::uint64_t b) const
{
    auto random = stream(purpose, a, b);
    return draw_log_uniform(low, high, random);
}

std::vector<DraftConnection> Draft::connections() const
{
    std::vector<DraftConnection> out;
    for (std::size_t user = 0; user < plan_.users.size(); ++user)
        for (std::uint16_t slot = 0; slot < plan_.role(plan_.users[user]).connections; ++slot)
            if (!plan_.journey(plan_.users[user], slot).empty()) out.push_back({.user = user, .slot = slot});
    return out;
}

const std::vector<StepSpec>& Draft::journey(const DraftConnection& connection) const
{
    return plan_.journey(plan_.users[connection.user], connection.slot);
}

void Draft::add_delay(const DraftConnection& connection, std::uint16_t step, PlannedDelay::Point point,
                      Duration delay)
{
    auto& delays = plan_.users[connection.user].delays;
    const PlannedDelay added{.slot = connection.slot, .step = step, .delay = delay, .point = point};
    const auto place = std::lower_bound(delays.begin(), delays.end(), added,
                                        [](const auto& a, const auto& b) { return key_of(a) < key_of(b); });
    if (place != delays.end() && key_of(*place) == key_of(added))
        place->delay += delay;
    else
        delays.insert(place, added);
}

void Draft::give_role(std::size_t user, std::optional<Behaviour> behaviour, std::uint16_t connections,
                      const std::vector<std::vector<StepSpec>>& journeys)
{
    auto& planned = plan_.users[user];
    planned.role = plan_.roles.size();
    planned.delays.clear();
    plan_.roles.push_back({.behaviour = behaviour,
                           .connections = connections,
                           .first_journey = plan_.journeys.size(),
                           .journeys = journeys.size()});
    plan_.journeys.insert(plan_.journeys.end(), journeys.begin(), journeys.end());
    if (names_other(journeys)) {
        std::vector<std::size_t> roles;
        for (const auto& one : plan_.users) roles.push_back(one.role);
        planned.other = draw_other(roles, planned.id, input_.seed);
    }
    for (const auto& connection : connections_of(user))
        for (std::uint16_t step = 0; step < journey(connection).size(); ++step) {
            const auto& spec = journey(connection)[step];
            if (spec.action != Action::pause) continue;
            auto random = stream("pause", planned.id.value, std::uint64_t{connection.slot} << 32U | step);
            const auto length = draw(spec.duration, random);
            if (length > Duration{}) add_delay(connection, step, PlannedDelay::Point::step, length);
        }
}

std::vector<DraftConnection> Draft::connections_of(std::size_t user) const
{
    auto all = connections();
    std::erase_if(all, [user](const DraftConnection& one) { return one.user != user; });
    return all;
}

bool Draft::waits_at_gate(const PlannedMoment& place) const
{
    return std::any_of(plan_.gates.begin(), plan_.gates.end(), [&](const PlannedGate& gate) {
        return std::find(gate.members.begin(), gate.members.end(), place) != gate.members.end();
    });
}

bool Draft::waits(const PlannedMoment& place) const
{
    return waits_at_gate(place) ||
           std::any_of(plan_.constraints.begin(), plan_.constraints.end(),
                       [&](const PlannedConstraint& one) { return one.step == place; });
}

bool Draft::has_part(const PlannedMoment& place) const
{
    const auto on_connection = [&](const PlannedMoment& other) {
        return other.user == place.user && other.slot == place.slot;
    };
    return std::any_of(plan_.gates.begin(), plan_.gates.end(),
                       [&](const PlannedGate& gate) {
                           return std::any_of(gate.members.begin(), gate.members.end(), on_connection);
                       }) ||
           std::any_of(plan_.constraints.begin(), plan_.constraints.end(), [&](const PlannedConstraint& one) {
               return on_connection(one.step) || on_connection(one.after);
           });
}

std::uint16_t Draft::next_constraint() const
{
    std::uint16_t next = 0;
    for (const auto& one : plan_.constraints) next = std::max<std::uint16_t>(next, one.number + 1);
    return next;
}

bool Draft::bind(const PlannedMoment& step, const PlannedMoment& after, Duration gap)
{
    if (waits_at_gate(step) || !server_lasts(plan_.life_cycle)) return false;
    const auto before = plan_.constraints;
    const auto number = next_constraint();
    const auto alone = !has_part(step) && !has_part(after);
    plan_.constraints.push_back({.number = number,
                                 .gap = gap,
                                 .within = longest_wait,
                                 .tolerance = alone ? std::max(input_.tolerance, gap / 4) : lateness_is_well,
                                 .step = step,
                                 .after = after});
    const auto& waiting = *plan_.find_user(step.user);
    const auto ready = ready_for(plan_, waiting, step.slot, step.step);
    const auto cause = cause_of(plan_.journey(*plan_.find_user(after.user), after.slot), after);
    const auto elsewhere = step.user != after.user || step.slot != after.slot;
    if (ready && elsewhere && !waits_at_gate(cause))
        plan_.constraints.push_back({.number = static_cast<std::uint16_t>(number + 1),
                                     .gap = ready->behind,
                                     .within = longest_wait + ready->behind,
                                     .tolerance = lateness_is_well,
                                     .step = cause,
                                     .after = ready->place});
    if (!circular_wait(plan_)) return true;
    plan_.constraints = before;
    return false;
}

bool Draft::add_gate(std::vector<PlannedMoment> members)
{
    std::erase_if(members, [this](const PlannedMoment& place) { return waits(place); });
    if (members.size() < 2 || !server_lasts(plan_.life_cycle)) return false;
    std::uint16_t number = 0;
    for (const auto& gate : plan_.gates) number = std::max<std::uint16_t>(number, gate.number + 1);
    plan_.gates.push_back({.number = number,
                           .group = 0,
                           .within = longest_wait,
                           .tolerance = input_.tolerance,
                           .members = std::move(members)});
    if (!circular_wait(plan_)) return true;
    plan_.gates.pop_back();
    return false;
}

void Draft::stay(Duration time)
{
    for (const auto& connection : connections()) {
        const auto& steps = journey(connection);
        const auto ends = steps.back().action == Action::close || steps.back().action == Action::drop;
        const auto last = static_cast<std::uint16_t>(ends ? steps.size() - 1 : steps.size());
        return add_delay(connection, last, PlannedDelay::Point::step, time);
    }
}

Plan Draft::finish() &&
{
    Duration last{};
    for (const auto& fault : plan_.life_cycle) last = std::max(last, fault.at + fault.lasting);
    if (plan_.ingress)
        for (const auto& change : plan_.ingress->scale) last = std::max(last, change.at);
    if (last > Duration{}) stay(last + 50ms);
    tidy_meetings(plan_);
    return std::move(plan_);
}

} // namespace wsrace
