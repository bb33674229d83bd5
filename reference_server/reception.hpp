// What happens when a connection has been accepted, and when it has ended.
#pragma once

#include "reference_server/connection.hpp"

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <vector>

namespace wsrace::reference {

struct App;
class Worker;

// All of it on the connection's thread.

// See accept_before_ready: asks who the connection belongs to. False when it is not let in, and has been
// closed.
boost::asio::awaitable<bool> confirm_connection(App& app, std::shared_ptr<Connection> connection,
                                                Credentials credentials);

// Makes the connection known.
void enter_connection(App& app, const std::shared_ptr<Connection>& connection);

// Greets a connection that has been entered, when the user's manager is there, and then lets it take over,
// in its own time, what the user's lost connections left.
boost::asio::awaitable<void> receive_connection(App& app, std::shared_ptr<Connection> connection);

enum class Departure {
    on_purpose, // closed by either side: its runs end
    lost,       // no close frame, or cut off for being slow: its runs go on, and their events wait for the
                // user's next connection
};

// `unsent`: the frames it had not sent.
void see_off(App& app, Worker& worker, const std::shared_ptr<Connection>& connection, Departure departure,
             std::vector<Outgoing> unsent);

} // namespace wsrace::reference
