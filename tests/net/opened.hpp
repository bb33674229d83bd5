// A client whose connection is open, and the server's end of it.
#pragma once

#include "net/client_thread.hpp"
#include "net/server_end.hpp"

#include <stdexcept>

namespace wsrace::testing {

struct Opened {
    Listener listener;
    ClientThread client{listener.port()};
    std::future<bool> opened = client.start(client.connection->open(client.request));
    ServerEnd server{listener};

    Opened()
    {
        server.answer_upgrade(server.receive_until("\r\n\r\n"));
        if (!opened.get()) throw std::runtime_error{"the connection is not open"};
    }
};

} // namespace wsrace::testing
