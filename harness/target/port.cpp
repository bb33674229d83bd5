#include "target/port.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace wsrace {

ReservedPort::ReservedPort()
{
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    const auto failed =
        socket_ < 0 || ::bind(socket_, generic, length) != 0 || ::getsockname(socket_, generic, &length) != 0;
    if (failed) throw std::system_error{errno, std::generic_category(), "no free port on 127.0.0.1"};
    // Only after the bind: so the kernel chose a port that nobody has, and still lets the server bind the
    // same one.
    const int yes = 1;
    ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    number_ = ntohs(address.sin_port);
}

ReservedPort::~ReservedPort()
{
    if (socket_ >= 0) ::close(socket_);
}

} // namespace wsrace
