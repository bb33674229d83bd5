// A connection that is left by a FIN: the journey goes on at once, what the target had on its way is still
// heard.
#include "net/opened.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::testing;
using namespace std::chrono_literals;

namespace {

void leave(Opened& opened, Duration limit)
{
    opened.client.call([&] { opened.client.connection->leave(limit); });
}

// Whether what the server sends is answered by RST, soon.
bool is_closed(Opened& opened)
{
    const auto limit = std::chrono::steady_clock::now() + std::chrono::milliseconds{longest_wait_ms};
    while (std::chrono::steady_clock::now() < limit)
        if (!opened.server.socket.send("\x81\x01x")) return true;
    return false;
}

} // namespace

TEST_CASE("What was under way when a connection was left is told as late", "[net]")
{
    Opened opened;
    opened.server.send_frame(1, "in time");
    opened.client.observer.wait_for("frame in time");
    leave(opened, 1min);
    CHECK(opened.client.observer.was_told("end we_dropped 0")); // before leave() returns
    CHECK(opened.server.socket.receive_all() == "FIN");
    opened.server.send_frame(1, "too late");
    opened.client.observer.wait_for("late frame too late");
    CHECK_FALSE(opened.client.observer.was_told("frame too late"));
    CHECK_FALSE(opened.client.start(opened.client.connection->send("no more")).get());
}

TEST_CASE("A connection that was left is read on no longer than was asked for", "[net]")
{
    Opened opened;
    leave(opened, 10ms);
    CHECK(opened.server.socket.receive_all() == "FIN");
    CHECK(is_closed(opened));
}

TEST_CASE("A connection that was left and forgotten tells nothing more", "[net]")
{
    Opened opened;
    leave(opened, 1min);
    opened.client.call([&] { opened.client.connection->forget(); });
    CHECK(is_closed(opened));
    CHECK_FALSE(opened.client.observer.was_told("late frame x"));
}

TEST_CASE("Bytes that have arrived and are not read yet are counted", "[net]")
{
    Listener listener;
    ClientThread client{listener.port()};
    CHECK(client.call([&] { return client.connection->unread(); }) == 0);
    auto opened = client.start(client.connection->open(client.request));
    ServerEnd server{listener};
    server.receive_until("\r\n\r\n");
    const auto counted = client.call([&] { // nobody reads on the client's thread meanwhile
        server.socket.send("HTTP/1.1 101");
        return client.connection->unread();
    });
    CHECK(counted == 12);
}
