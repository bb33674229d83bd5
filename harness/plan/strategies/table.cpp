#include "plan/strategies/table.hpp"

#include <algorithm>
#include <array>

namespace wsrace {

namespace {

std::string always(const Scenario& /*scenario*/) { return {}; }

std::string unless_supervised(const Scenario& scenario)
{
    return scenario.target.server ? std::string{}
                                  : "the target is not a server that the harness starts and ends itself";
}

std::string if_it_lasts(const Scenario& scenario)
{
    return server_lasts(scenario.life_cycle) ? std::string{}
                                             : "a fault of the scenario ends the server, so that connections "
                                               "could wait for each other in vain";
}

std::string if_behaviours_meet(const Scenario& scenario)
{
    auto why_not = if_it_lasts(scenario);
    return why_not.empty() ? no_behaviours(scenario) : why_not;
}

constexpr std::array table{
    Strategy{"burst", "everybody begins in the same moment", false, always, strategy::burst},
    Strategy{"ramp", "users arrive one after the other, as load testers let them", true, always,
             strategy::ramp},
    Strategy{"byte_barrier", "upgrades or messages of several connections, released by their last byte",
             false, if_it_lasts, strategy::byte_barrier},
    Strategy{"uniform_jitter", "some steps are late, by times of one order of magnitude", false, always,
             strategy::uniform_jitter},
    Strategy{"log_uniform_jitter", "some steps are late, by times of any order of magnitude", false, always,
             strategy::log_uniform_jitter},
    Strategy{"priority_in_time", "few connections far behind the others, and others after a while", false,
             always, strategy::priority_in_time},
    Strategy{"step_pair_collision", "a step of one connection a drawn time after one of another", false,
             if_it_lasts, strategy::step_pair_collision},
    Strategy{"life_cycle_collision", "arrivals around the server's start, readiness, SIGTERM and restart",
             false, unless_supervised, strategy::life_cycle_collision},
    Strategy{"behaviour_collision", "a user who leaves, breaks off or comes back meets a step of another",
             false, if_behaviours_meet, strategy::behaviour_collision},
    Strategy{"swarm", "a random part of the scenario's faults and of all the others", false, always,
             strategy::swarm},
};

} // namespace

std::span<const Strategy> strategies() { return table; }

const Strategy* find_strategy(std::string_view name)
{
    const auto* const found =
        std::find_if(table.begin(), table.end(), [name](const Strategy& one) { return one.name == name; });
    return found == table.end() ? nullptr : found;
}

} // namespace wsrace
