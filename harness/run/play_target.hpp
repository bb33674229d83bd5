// The target as a run sees it: addresses, whoever started what is there.
#pragma once

#include "core/ids.hpp"
#include "faults/link_proxies.hpp"
#include "net/endpoint.hpp"
#include "net/tls.hpp"
#include "run/instance_board.hpp"

#include <memory>
#include <string>
#include <vector>

namespace wsrace {

struct PlayAddress {
    TargetUrl url;
    boost::asio::ip::tcp::endpoint endpoint;
};

struct PlayTarget {
    std::vector<PlayAddress> instances;             // one, unless several are supervised
    std::shared_ptr<boost::asio::ssl::context> tls; // null: plain TCP
    const InstanceBoard* board = nullptr; // null: not supervised, or users do not choose the instance
    bool cut_on_the_way = false;          // an end without a close frame may be the ingress's doing
    bool behind_ingress = false;          // the harness's own, which is told who connects
    const LinkProxies* links = nullptr;   // null: nothing stands between users and target

    // Where a user is to connect to now.
    std::size_t serving(UserId user) const { return board != nullptr ? board->serving(user) : 0; }
    // Where a WebSocket to that instance is to be opened; logins go to the instance itself.
    boost::asio::ip::tcp::endpoint endpoint(std::size_t instance, UserId user, SlotId slot) const
    {
        return links != nullptr ? links->endpoint(instance, user, slot) : instances[instance].endpoint;
    }
    bool is_down(std::size_t instance) const { return board != nullptr && board->is_down(instance); }
};

// One TCP connection, closed at once: empty if the target accepted it, else one sentence. Asked before a run,
// so that a target that is not there is told apart from one that fails.
std::string unreachable(const PlayTarget& target);

} // namespace wsrace
