// The target as a run sees it: an address, whoever started it.
#pragma once

#include "net/endpoint.hpp"
#include "net/tls.hpp"

#include <memory>

namespace wsrace {

struct PlayTarget {
    TargetUrl url;
    boost::asio::ip::tcp::endpoint endpoint;
    std::shared_ptr<boost::asio::ssl::context> tls; // null: plain TCP
};

} // namespace wsrace
