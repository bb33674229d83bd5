// What the harness's own load balancer (harness/ingress) did to a connection: events of the kind `fault`
// whose type is one of these. Others of that kind have the type 0.
//
// Event::user, slot and incarnation say whose connection it was. A plain HTTP request, such as a login, is
// no connection of a journey: `user` is no_user then, and `stamp` holds the user's number.
#pragma once

#include "core/event.hpp"

#include <optional>

namespace wsrace {

enum class IngressAct : std::uint8_t {
    none = 0,
    routed = 64, // value: the instance that serves it from now on
    queued,      // it waits for an instance
    refused,     // answered by the ingress itself; value: the HTTP status
    unanswered,  // every instance that was there refused to connect: answered with 502
    stripped,    // headers were taken out of the upgrade; text: which
    idle_cut,    // nothing had passed for as long as may be
    limit_cut,   // it had lasted for as long as may be
};

constexpr IngressAct ingress_act(const Event& event)
{
    return event.kind == EventKind::fault ? static_cast<IngressAct>(event.type) : IngressAct::none;
}

// Whose request or connection it was; nothing for clients that are no users of the run.
inline std::optional<UserId> ingress_user(const Event& event)
{
    if (event.user != no_user) return UserId{event.user};
    if (event.stamp == no_stamp) return std::nullopt;
    return UserId{static_cast<std::uint32_t>(event.stamp)};
}

} // namespace wsrace
