// The target as a run sees it: an address, whoever started it.
#pragma once

#include "net/endpoint.hpp"
#include "net/tls.hpp"

#include <memory>
#include <string>

namespace wsrace {

struct PlayTarget {
    TargetUrl url;
    boost::asio::ip::tcp::endpoint endpoint;
    std::shared_ptr<boost::asio::ssl::context> tls; // null: plain TCP
};

// One TCP connection, closed at once: empty if the target accepted it, else one sentence. Asked before a run,
// so that a target that is not there is told apart from one that fails.
std::string unreachable(const PlayTarget& target);

} // namespace wsrace
