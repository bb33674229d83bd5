// Who: users, connections, requests. Values only; the numbers are positions in the plan.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace wsrace {

// A simulated identity, numbered from 0 over all shards of a run.
struct UserId {
    std::uint32_t value = 0;
    auto operator<=>(const UserId&) const = default;
};

// One of a user's WebSockets (a "tab"), numbered from 0 within the user. It survives reconnects.
struct SlotId {
    std::uint16_t value = 0;
    auto operator<=>(const SlotId&) const = default;
};

// One WebSocket as the wire knows it: the first connect of a slot is incarnation 0, each reconnect adds one.
struct ConnectionId {
    UserId user;
    SlotId slot;
    std::uint16_t incarnation = 0;
    auto operator<=>(const ConnectionId&) const = default;
};

// One message that starts an agent, numbered from 0 within its slot (across incarnations).
struct RequestId {
    UserId user;
    SlotId slot;
    std::uint16_t request = 0;
    auto operator<=>(const RequestId&) const = default;
};

// "user 17", "user 17, connection 1", "user 17, connection 1 (reopened 2)", "user 17, connection 0, request
// 3": as reports spell them.
std::string to_string(UserId id);
std::string to_string(const ConnectionId& id);
std::string to_string(const RequestId& id);

} // namespace wsrace
