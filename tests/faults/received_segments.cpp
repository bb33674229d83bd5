// Alone in its file: the kernel's header, which knows the counter, does not agree with the C library's.
#include "faults/received_segments.hpp"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace wsrace::testing {

std::uint32_t received_segments(int socket)
{
    tcp_info info{};
    socklen_t length = sizeof info;
    ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &length);
    return info.tcpi_segs_in;
}

} // namespace wsrace::testing
