// What the server does with a message of a client.
#pragma once

#include "reference_server/connection.hpp"

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

namespace wsrace::reference {

struct App;
class Worker;

// Answers one text message; on the connection's thread. Throws when something is wrong inside the server.
boost::asio::awaitable<void> dispatch_message(App& app, Worker& worker,
                                              std::shared_ptr<Connection> connection, std::string text);

} // namespace wsrace::reference
