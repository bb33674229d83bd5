// What led to a violation, as lanes beside each other on one time axis: the users whom it concerns, those who
// did something just before, and the target. Selects events of the history; whoever draws them is elsewhere.
#pragma once

#include "reports/prepared.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace wsrace {

// A page is read by a person and opened on a phone: what a large run has more of is counted, not shown.
struct SceneLimits {
    std::size_t groups = 12;   // that have scenes
    std::size_t examples = 3;  // scenes of one group, each of another user
    std::size_t tabs = 3;      // lanes of one user
    std::size_t nearby = 4;    // users who did something just before
    std::size_t events = 60;   // of one lane
    std::size_t total = 9'000; // events of all scenes; a scene that would exceed it is left out
};

enum class LaneRole {
    subject, // the connection on which it happened
    owner,   // the connection whose data it was
    sibling, // another connection of one of these two users
    named,   // somebody else whom the evidence names
    nearby,  // did something just before
    target,  // the server, faults without a user, its output
};
std::string_view name(LaneRole role);

// One tab of one user, over all its incarnations, or all of the target.
struct Lane {
    LaneRole role = LaneRole::nearby;
    UserId user;                       // not of the target's lane
    SlotId slot;                       //
    std::vector<std::uint32_t> events; // positions in the history, in order
    std::size_t before = 0, after = 0; // events of this lane that are not shown
};

// What belongs to one user's request came to another connection.
struct Arrow {
    std::uint32_t from = 0; // positions: the request, or another event of the owner
    std::uint32_t to = 0;   // the frame
};

struct Scene {
    const Violation* violation = nullptr;
    std::vector<Lane> lanes; // the target, the owner, the subject, then the others
    std::vector<Arrow> arrows;
    Instant focus_from{}, focus_until{}; // where to look first: from the arrow's begin to the evidence
};

// Of each of the groups, in their order; none for a group that has no place in time, and none once a limit is
// reached. The report, which the groups belong to, outlives the scenes.
std::vector<std::vector<Scene>> scenes_of(const PreparedReport& report,
                                          const std::vector<const SignatureGroup*>& groups,
                                          const SceneLimits& limits = {});

} // namespace wsrace
