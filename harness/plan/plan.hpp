// A scenario made concrete by a seed: who does what when. The same scenario, seed and version give the same
// bytes.
#pragma once

#include "scenario/scenario.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace wsrace {

// A delay before one step of one connection, or the length of a pause; steps that are not named have none.
// A connect is delayed inside, too: before the TLS handshake or the upgrade.
struct PlannedDelay {
    enum class Point : std::uint8_t { step, tls, upgrade_sent };

    std::uint16_t slot = 0;
    std::uint16_t step = 0; // one behind the last: before the close that ends every journey
    Duration delay{};
    Point point = Point::step;
    bool operator==(const PlannedDelay&) const = default;
};

struct PlannedUser {
    UserId id;
    Duration arrival{}; // after the anchor
    TokenCarrier carrier = TokenCarrier::authorization;
    std::vector<PlannedDelay> delays; // ordered by slot, then step
};

struct Plan {
    std::uint64_t seed = 0;
    std::string scenario;
    std::string scenario_digest;
    Arrival::Anchor anchor = Arrival::Anchor::ready;
    std::uint16_t connections = 1;               // per user
    std::vector<std::vector<StepSpec>> journeys; // connection k follows journeys[k mod n]
    std::vector<LifeCycleFault> life_cycle;      // of the supervised target
    std::vector<PlannedUser> users;
    std::vector<DependencyFault> dependency_faults; // their delays are drawn from the seed as answers come

    const std::vector<StepSpec>& journey(std::uint16_t slot) const
    {
        return journeys[slot % journeys.size()];
    }
    std::uint32_t request_count() const;
};

// Pure. Every draw has a stream of its own, by user, connection and step, so that leaving one out changes no
// other.
Plan make_plan(const Scenario& scenario, std::uint64_t seed);

// The plan as it is stored (plan.json): one line per user, times in whole microseconds.
std::string plan_json(const Plan& plan);

} // namespace wsrace
