// A free port for a server that is about to be started, held so that nobody else gets it in between.
#pragma once

#include <cstdint>

namespace wsrace {

// Holds a port of 127.0.0.1 by a socket that is bound but does not listen: Linux then gives the port to no
// other bind(0) and to no outgoing connection, yet lets a server bind it that sets SO_REUSEADDR, as servers
// do (Asio, uvicorn, Node, Go, Java all do so by default).
class ReservedPort {
public:
    ReservedPort(); // throws std::system_error
    ~ReservedPort();
    ReservedPort(const ReservedPort&) = delete;
    ReservedPort& operator=(const ReservedPort&) = delete;

    std::uint16_t number() const { return number_; }

private:
    int socket_ = -1;
    std::uint16_t number_ = 0;
};

} // namespace wsrace
