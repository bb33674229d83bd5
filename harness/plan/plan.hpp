// A scenario made concrete by a seed: who does what when. The same scenario, seed and version give the same
// bytes.
#pragma once

#include "scenario/scenario.hpp"

#include <cstdint>
#include <optional>
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

// Which journeys a user walks: the ordinary ones, those of a behaviour, or some that only this plan has. An
// empty journey is that of a connection which is not made.
struct Role {
    std::optional<Behaviour> behaviour; // none: its users are judged as ordinary ones
    std::uint16_t connections = 1;
    std::size_t first_journey = 0; // of Plan::journeys
    std::size_t journeys = 1;      // connection k follows first_journey + k mod journeys
    bool operator==(const Role&) const = default;
};

struct PlannedUser {
    UserId id;
    Duration arrival{}; // after the anchor
    TokenCarrier carrier = TokenCarrier::authorization;
    std::vector<PlannedDelay> delays; // ordered by slot, then step
    std::size_t role = 0;             // of Plan::roles
    std::optional<UserId> other{};    // whom {other_user} names; only where a step of the role says so
};

// A moment of one connection's journey, concrete.
struct PlannedMoment {
    UserId user;
    std::uint16_t slot = 0;
    std::uint16_t step = 0; // of the journey: the connect or request whose moment it is
    Moment moment;
    bool operator==(const PlannedMoment&) const = default;
};

// One group of a starting gate: connections that wait for each other. Two at least.
struct PlannedGate {
    std::uint16_t number = 0; // of the gate: in the scenario, if that is where it comes from
    std::uint32_t group = 0;  //
    Duration within{};
    Duration tolerance{};               // of the release skew
    std::vector<PlannedMoment> members; // ordered by user, then slot
};

// `step` happens `gap` after `after`.
struct PlannedConstraint {
    std::uint16_t number = 0; // of the constraint: in the scenario, if that is where it comes from
    Duration gap{};
    Duration within{};
    Duration tolerance{}; // of how late the step is
    PlannedMoment step;
    PlannedMoment after;
};

struct Plan {
    std::uint64_t seed = 0;
    std::string scenario;
    std::string scenario_digest;
    Arrival::Anchor anchor = Arrival::Anchor::ready;
    std::uint16_t connections = 1;                  // per user with the ordinary role
    std::vector<std::vector<StepSpec>> journeys;    // of all roles, one role after the other
    std::vector<Role> roles;                        // the ordinary one first
    std::vector<LifeCycleFault> life_cycle;         // of the supervised target
    std::vector<PlannedUser> users;                 // ordered by id; a shrunk plan has gaps in the numbers
    std::vector<DependencyFault> dependency_faults; // their delays are drawn from the seed as answers come
    std::vector<LinkFault> link_faults;             // the same: drawn as frames come
    std::optional<IngressSpec> ingress;             // its choices are drawn from the seed as users connect
    std::vector<PlannedGate> gates;
    std::vector<PlannedConstraint> constraints;

    const Role& role(const PlannedUser& user) const { return roles[user.role]; }
    std::size_t journey_number(const PlannedUser& user, std::uint16_t slot) const // of `journeys`
    {
        const Role& played = role(user);
        return played.first_journey + slot % played.journeys;
    }
    const std::vector<StepSpec>& journey(const PlannedUser& user, std::uint16_t slot) const
    {
        return journeys[journey_number(user, slot)];
    }
    const PlannedUser* find_user(UserId id) const; // null: nobody
    std::uint32_t request_count() const;
    std::uint32_t connection_count() const; // of all users
    std::uint16_t most_connections() const; // that any user has
};

// Pure. Every draw has a stream of its own, by user, connection and step, so that leaving one out changes no
// other.
Plan make_plan(const Scenario& scenario, std::uint64_t seed);

// The plan as it is stored (plan.json, docs/plan_format.md): one line per user, times in whole microseconds.
// plan_reader.hpp has the way back.
inline constexpr int plan_format_version = 2;
std::string plan_json(const Plan& plan);

} // namespace wsrace
