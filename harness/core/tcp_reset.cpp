#include "core/tcp_reset.hpp"

#include <sys/socket.h>

namespace wsrace {

void send_reset(int descriptor)
{
    const linger none{.l_onoff = 1, .l_linger = 0}; // for close(), where connect() below fails
    ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    const sockaddr nobody{.sa_family = AF_UNSPEC, .sa_data = {}};
    ::connect(descriptor, &nobody, sizeof nobody);
}

} // namespace wsrace
