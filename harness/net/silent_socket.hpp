// A TCP connection that nobody looks at any more: open, and never read, written or closed until the end.
#pragma once

#include "net/executor.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <unistd.h>

#include <utility>

namespace wsrace {

class SilentSocket {
public:
    SilentSocket() = default;
    SilentSocket(const SilentSocket&) = delete;
    SilentSocket& operator=(const SilentSocket&) = delete;
    ~SilentSocket() { close(); }

    // Takes the descriptor away from the event loop; what waits for the socket there is cancelled.
    void take(asio::basic_stream_socket<asio::ip::tcp, Executor>& socket)
    {
        if (!socket.is_open()) return;
        boost::system::error_code error;
        close();
        descriptor_ = socket.release(error);
        if (error) descriptor_ = -1;
    }

    void close()
    {
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    }

private:
    int descriptor_ = -1;
};

} // namespace wsrace
