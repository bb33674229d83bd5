#include "target/port.hpp"

#include "target/listening.hpp"

#include <catch2/catch.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <set>
#include <vector>

using namespace wsrace;

namespace {

// Whether a socket could be bound to the port and listen there, and was then seen to.
bool can_listen(std::uint16_t port, bool reuse)
{
    const auto socket = ::socket(AF_INET, SOCK_STREAM, 0);
    const int yes = reuse ? 1 : 0;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const auto bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    const auto seen_too_early = is_listening(port);
    const auto listens = bound && ::listen(socket, 1) == 0 && is_listening(port);
    ::close(socket);
    return listens && !seen_too_early && !is_listening(port);
}

} // namespace

TEST_CASE("A reserved port is nobody else's, until a server binds it")
{
    std::set<std::uint16_t> numbers;
    {
        std::vector<std::unique_ptr<ReservedPort>> ports;
        for (int i = 0; i < 200; ++i) {
            ports.push_back(std::make_unique<ReservedPort>());
            numbers.insert(ports.back()->number());
        }
    }
    CHECK(numbers.size() == 200);
    const ReservedPort port;
    CHECK_FALSE(is_listening(port.number()));
    CHECK_FALSE(can_listen(port.number(), false));
    CHECK(can_listen(port.number(), true));
}
