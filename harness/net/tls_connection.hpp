// The TLS half of make_connection(), in a translation unit of its own for the sake of compile time.
#pragma once

#include "net/connection.hpp"

#include <memory>

namespace wsrace {

std::shared_ptr<Connection> make_tls_connection(DeadlineQueue& deadlines, ConnectionObserver& observer,
                                                asio::ssl::context& tls);

} // namespace wsrace
