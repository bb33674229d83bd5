// A byte-level barrier: everything but the last byte is on the wire, and the release writes that one.
#include "net/opened.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::testing;

namespace {

struct HeldUpgrade {
    Listener listener;
    ClientThread client{listener.port()};
    std::future<bool> opened;
    ServerEnd server;

    HeldUpgrade() : opened{begin()}, server{listener} {}

    std::future<bool> begin()
    {
        client.request.hold_upgrade = true;
        return client.start(client.connection->open(client.request));
    }
};

} // namespace

TEST_CASE("All of a held upgrade but its last byte is on the wire until it is released", "[net]")
{
    HeldUpgrade held;
    held.client.observer.wait_for("held upgrade_sent");
    const auto head = held.server.receive_until("\r\n\r");
    CHECK_FALSE(held.server.has_more());
    CHECK_FALSE(held.client.observer.was_told("upgrade_sent ok"));

    CHECK(held.client.release());
    CHECK(held.server.socket.receive(1) == "\n");
    CHECK(held.client.observer.was_told("upgrade_sent ok"));
    CHECK_FALSE(held.client.release());
    held.server.answer_upgrade(head + "\n");
    CHECK(held.opened.get());

    // And the connection is one like any other.
    CHECK(held.client.start(held.client.connection->send("hello")).get());
    CHECK(held.server.receive_frame() == "1 hello");
    held.server.send_frame(1, "hi");
    held.client.observer.wait_for("frame hi");
}

TEST_CASE("What is held may be released as soon as it is", "[net]")
{
    Listener listener;
    ClientThread client{listener.port()};
    client.request.hold_upgrade = true;
    client.observer.when_held = [&] { client.connection->release(); };
    auto opened = client.start(client.connection->open(client.request));
    ServerEnd server{listener};
    server.answer_upgrade(server.receive_until("\r\n\r\n"));
    CHECK(opened.get());
    CHECK(client.start(client.connection->send_held("hello")).get());
    CHECK(server.receive_frame() == "1 hello");
}

TEST_CASE("All of a held message but its last byte is on the wire until it is released", "[net]")
{
    Opened pair;
    auto& server = pair.server;
    REQUIRE(pair.client.start(pair.client.connection->send_held("hello")).get());
    CHECK(pair.client.observer.was_told("held request_sent"));
    const auto frame = server.socket.receive(2 + 4 + 4);
    CHECK_FALSE(server.has_more());

    CHECK(pair.client.release());
    CHECK(server.receive_frame(frame) == "1 hello");
    CHECK_FALSE(pair.client.release());
    CHECK(pair.client.start(pair.client.connection->send("again")).get());
    CHECK(server.receive_frame() == "1 again");
}

TEST_CASE("A message that is longer than one piece is held by its last byte, too", "[net]")
{
    Opened pair;
    const std::string text(5000, 'x');
    REQUIRE(pair.client.start(pair.client.connection->send_held(text)).get());
    const auto frame = pair.server.socket.receive(2 + 2 + 4 + text.size() - 1);
    CHECK_FALSE(pair.server.has_more());
    CHECK(pair.client.release());
    const auto last = pair.server.socket.receive(1);
    CHECK(static_cast<char>(last[0] ^ frame[4 + (text.size() - 1) % 4]) == 'x');
}

TEST_CASE("What is written while a message is held waits behind it", "[net]")
{
    Opened pair;
    auto& server = pair.server;
    REQUIRE(pair.client.start(pair.client.connection->send_held("hello")).get());
    const auto frame = server.socket.receive(2 + 4 + 4);
    server.send_frame(9, "are you there");
    auto second = pair.client.start(pair.client.connection->send("second"));
    CHECK(pair.client.release());
    CHECK(server.receive_frame(frame) == "1 hello");
    std::vector<std::string> rest{server.receive_frame(), server.receive_frame()};
    std::sort(rest.begin(), rest.end());
    CHECK(rest == std::vector<std::string>{"1 second", "10 are you there"});
    CHECK(second.get());
}

TEST_CASE("Nothing is released of a connection that was cut", "[net]")
{
    HeldUpgrade held;
    held.client.observer.wait_for("held upgrade_sent");
    held.client.call([&] { held.client.connection->cut(true); });
    CHECK_FALSE(held.client.release());
    CHECK_FALSE(held.opened.get());
    CHECK(held.server.receive_until("RST").ends_with("RST"));
}

TEST_CASE("Nothing is released where nothing is held", "[net]")
{
    Opened pair;
    CHECK_FALSE(pair.client.release());
}
