#include "core/tcp_reset.hpp"

#include "faults/blocking_sockets.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::testing;

namespace {

struct Connected {
    Listener listener;
    BlockingSocket client = connect_to(listener.port());
    BlockingSocket server = listener.accept();
    BlockingSocket copy{::dup(client.native())}; // as a process that is being spawned holds one
};

} // namespace

TEST_CASE("A reset is sent at once, although somebody else holds the descriptor, too", "[net]")
{
    Connected connected;
    CHECK_FALSE(connected.server.readable_within(0));
    send_reset(connected.client.native());
    CHECK(connected.server.receive_all() == "RST"); // the copy is still open
    CHECK_FALSE(connected.client.send("no more"));
}

TEST_CASE("A close with SO_LINGER alone waits until the last copy of the descriptor is closed", "[net]")
{
    Connected connected;
    connected.client.close_with_reset();
    CHECK_FALSE(connected.server.readable_within(20));
    connected.copy.close();
    CHECK(connected.server.receive_all() == "RST");
}

TEST_CASE("A reset overtakes what was not read, and what the other side sends is refused", "[net]")
{
    Connected connected;
    REQUIRE(connected.server.send("nobody reads this"));
    REQUIRE(connected.client.readable_within(longest_wait_ms));
    send_reset(connected.client.native());
    CHECK(connected.server.receive_all() == "RST");
    CHECK_FALSE(connected.server.send("gone"));
}

TEST_CASE("A socket without a connection can be reset, and be closed afterwards", "[net]")
{
    BlockingSocket socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    send_reset(socket.native());
    Listener listener;
    socket.connect(loopback(listener.port())); // it is as new
    CHECK(listener.accept().native() >= 0);
}
