// What happens when a connection has been accepted, and when it has ended.
#pragma once

#include "reference_server/connection.hpp"

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <vector>

namespace wsrace::reference {

struct App;

// Registers the connection, greets it when the user's manager is there, and gives it what the user's lost
// connections left. On its thread.
boost::asio::awaitable<void> receive_connection(App& app, std::shared_ptr<Connection> connection);

// See accept_before_ready: asks who the connection belongs to, and receives it when the answer is there. On
// its thread.
boost::asio::awaitable<void> receive_when_confirmed(App& app, std::shared_ptr<Connection> connection,
                                                    Credentials credentials);

enum class Departure {
    on_purpose, // closed by either side: its runs end
    lost,       // no close frame: its runs go on, and their events wait for the user's next connection
};

// `unsent`: the frames it had not sent. On its thread.
void see_off(App& app, Connection& connection, Departure departure, std::vector<Outgoing> unsent);

} // namespace wsrace::reference
