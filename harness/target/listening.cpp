#include "target/listening.hpp"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <optional>

namespace wsrace {

namespace {

class Descriptor {
public:
    explicit Descriptor(int value) : value_{value} {}
    ~Descriptor()
    {
        if (value_ >= 0) ::close(value_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return value_; }

private:
    int value_;
};

struct Request {
    nlmsghdr header;
    inet_diag_req_v2 body;
};

// Reads the answer's messages up to the last one; nothing: the kernel does not say.
std::optional<bool> read_answer(int socket, std::uint16_t port)
{
    bool found = false;
    alignas(nlmsghdr) std::array<char, 32768> buffer;
    for (;;) {
        auto size = ::recv(socket, buffer.data(), buffer.size(), 0);
        if (size <= 0) return std::nullopt;
        auto left = static_cast<unsigned>(size);
        for (auto* message = reinterpret_cast<nlmsghdr*>(buffer.data()); NLMSG_OK(message, left);
             message = NLMSG_NEXT(message, left)) {
            if (message->nlmsg_type == NLMSG_DONE) return found;
            if (message->nlmsg_type == NLMSG_ERROR) return std::nullopt;
            inet_diag_msg entry{};
            std::memcpy(&entry, NLMSG_DATA(message), sizeof entry);
            found = found || ntohs(entry.id.idiag_sport) == port;
        }
    }
}

// sock_diag(7): all listening TCP sockets of one family.
std::optional<bool> ask_kernel(std::uint8_t family, std::uint16_t port)
{
    const Descriptor socket{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)};
    if (socket.get() < 0) return std::nullopt;
    Request request{};
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request.body.sdiag_family = family;
    request.body.sdiag_protocol = IPPROTO_TCP;
    request.body.idiag_states = 1U << TCP_LISTEN;
    if (::send(socket.get(), &request, sizeof request, 0) != static_cast<ssize_t>(sizeof request))
        return std::nullopt;
    return read_answer(socket.get(), port);
}

// Where the kernel does not answer such questions.
bool accepts(std::uint16_t port)
{
    const Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

} // namespace

bool is_listening(std::uint16_t port)
{
    const auto plain = ask_kernel(AF_INET, port);
    if (!plain) return accepts(port);
    return *plain || ask_kernel(AF_INET6, port).value_or(false);
}

} // namespace wsrace
