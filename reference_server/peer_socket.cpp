#include "reference_server/peer_socket.hpp"

#include <poll.h>

namespace wsrace::reference {

bool peer_has_left(int descriptor)
{
    pollfd socket{.fd = descriptor, .events = POLLRDHUP, .revents = 0};
    return ::poll(&socket, 1, 0) > 0;
}

} // namespace wsrace::reference
