// What a link does to bytes and ends, as both sides see it. Times are one-sided: not before.
#include "faults/linked.hpp"
#include "faults/received_segments.hpp"

#include <catch2/catch.hpp>

#include <thread>

using namespace wsrace;
using namespace wsrace::testing;
using namespace std::chrono_literals;

namespace {

std::string noise(std::size_t size)
{
    std::string bytes(size, '\0');
    std::uint64_t state = 5;
    for (auto& byte : bytes) byte = static_cast<char>((state = state * 6364136223846793005ULL + 7) >> 56U);
    return bytes;
}

} // namespace

TEST_CASE("A link without faults passes bytes and ends as they are", "[faults]")
{
    Linked link;
    auto client = link.connect(999, 1);
    client.send("question");
    client.end_of_sending();
    auto server = link.target.accept();
    CHECK(server.receive_all() == "question FIN");
    server.send("answer");
    server.close();
    CHECK(client.receive_all() == "answer FIN");
    CHECK(link.faults_noted().empty());
}

TEST_CASE("Latency holds both ways, and only those whom it concerns", "[faults]")
{
    auto late = latency(150ms);
    const auto both = GENERATE(true, false);
    if (!both) late.direction = LinkFault::Direction::down;
    Linked link{{late}};
    auto client = link.connect();
    auto server = link.target.accept();
    const auto begin = Clock::now();
    client.send("question");
    CHECK(server.receive(8) == "question");
    if (both) CHECK(Clock::now() - begin >= 150ms);
    server.send("answer");
    CHECK(client.receive(6) == "answer");
    CHECK(Clock::now() - begin >= (both ? 300ms : 150ms));
    CHECK(link.faults_noted() ==
          std::vector<std::string>{"user 0, slot 0: link: latency 150 ms, connection 0"});
}

TEST_CASE("Bandwidth is so many bytes per second", "[faults]")
{
    Linked link{{bandwidth(200'000)}};
    auto client = link.connect();
    auto server = link.target.accept();
    const auto sent = noise(60'000);
    const auto begin = Clock::now();
    client.send(sent);
    client.end_of_sending();
    std::string how;
    CHECK((server.receive(std::string::npos, how) == sent));
    CHECK(how == "FIN");
    CHECK(Clock::now() - begin >= 280ms);
}

TEST_CASE("A sliced stream comes in as many segments", "[faults]")
{
    const auto at_once = GENERATE(0U, 1U);
    Linked link{{latency(1us), slice(at_once)}};
    auto client = link.connect();
    auto server = link.target.accept();
    client.send("forty bytes, each in a segment of its own");
    CHECK(server.receive(41) == "forty bytes, each in a segment of its own");
    if (at_once == 1)
        CHECK(received_segments(server.native()) > 20);
    else
        CHECK(received_segments(server.native()) < 10);
}

TEST_CASE("A stall lets nothing through, and then everything", "[faults]")
{
    auto held = stall(300ms);
    held.since = LinkFault::Since::connection;
    Linked link{{held}};
    const auto begin = Clock::now();
    auto client = link.connect(3);
    client.send("question");
    auto server = link.target.accept();
    CHECK(Clock::now() - begin >= 299ms); // the target did not even hear of the connection
    CHECK(server.receive(8) == "question");
    CHECK(link.faults_noted() ==
          std::vector<std::string>{"user 3, slot 0: link: stall 300 ms, connection 0"});
}

TEST_CASE("A reset takes the connections that are open then, and no other", "[faults]")
{
    auto lost = reset();
    lost.from = 300ms;
    Linked link{{lost}};
    auto client = link.connect(4, 1);
    auto server = link.target.accept();
    CHECK(client.receive_all() == "RST");
    CHECK(Clock::now() - link.start >= 300ms);
    CHECK(server.receive_all() == "RST");
    auto later = link.connect(4, 1);
    auto later_server = link.target.accept();
    later.send("x");
    CHECK(later_server.receive(1) == "x");
    CHECK(link.faults_noted() == std::vector<std::string>{"user 4, slot 1 lost: link: reset, connection 0"});
}

TEST_CASE("A black hole swallows bytes and ends, and TCP stays", "[faults]")
{
    LinkFault hole;
    hole.black_hole = true;
    Linked link{{after_event(hole, 1)}};
    auto [client, server] = link.upgraded();
    server.send(event_frame("agent_started"));
    CHECK(client.receive(event_frame("agent_started").size()) == event_frame("agent_started"));
    server.send(event_frame("agent_thinking"));
    client.send("anything");
    CHECK_FALSE(client.readable_within(200));
    CHECK_FALSE(server.readable_within(200));
    client.close_with_reset();
    CHECK_FALSE(server.readable_within(200));
    CHECK(link.faults_noted() ==
          std::vector<std::string>{"user 0, slot 0 lost: link: black hole, connection 0"});
    CHECK(server.receive_all() == "RST"); // stopped
}

TEST_CASE("A side that is dropped is reset, and the other one never hears of it", "[faults]")
{
    const auto gone = GENERATE(LinkFault::Side::client, LinkFault::Side::target);
    LinkFault half;
    half.half_open = gone;
    half.since = LinkFault::Since::connection;
    half.from = 100ms;
    Linked link{{half}};
    auto client = link.connect();
    auto server = link.target.accept();
    auto& dropped = gone == LinkFault::Side::client ? client : server;
    auto& left = gone == LinkFault::Side::client ? server : client;
    CHECK(dropped.receive_all() == "RST");
    CHECK_FALSE(left.readable_within(200));
    CHECK(left.send("to nobody"));
    CHECK_FALSE(left.readable_within(200));
    left.end_of_sending();
    CHECK(left.receive_all() == "FIN"); // once it has ended, too, nothing is left to hide
    CHECK(link.faults_noted().size() == 1);
}

TEST_CASE("A slow close passes FIN on late, and only FIN", "[faults]")
{
    LinkFault slow;
    slow.slow_close = 300ms;
    Linked link{{slow}};
    auto client = link.connect();
    auto server = link.target.accept();
    client.send("last words");
    const auto begin = Clock::now();
    client.end_of_sending();
    CHECK(server.receive(10) == "last words");
    CHECK(server.receive_all() == "FIN");
    CHECK(Clock::now() - begin >= 300ms);
}

TEST_CASE("A header of the handshake is corrupted, and nothing else", "[faults]")
{
    const auto header = GENERATE(as<std::string>{}, "sec-websocket-accept", "X-Name");
    LinkFault corrupt;
    corrupt.corrupt_header = header;
    Linked link{{corrupt}};
    auto client = link.connect();
    auto server = link.target.accept();
    client.send(upgrade + "early");
    const auto asked = server.receive(upgrade.size() + 5);
    CHECK((asked == upgrade + "early") == (header != "X-Name"));
    server.send(switching + event_frame("welcome"));
    const auto answered = client.receive((switching + event_frame("welcome")).size());
    CHECK((answered == switching + event_frame("welcome")) == (header == "X-Name"));
    CHECK(answered.ends_with(event_frame("welcome")));
    CHECK(asked.ends_with("early"));
    CHECK(link.faults_noted() == std::vector<std::string>{"user 0, slot 0 lost: link: header " + header +
                                                          " corrupted, connection 0"});
}

TEST_CASE("What passes is not changed by being followed, garbage or not", "[faults]")
{
    const auto garbage = GENERATE(true, false);
    Linked link{{on_type(stall(1s), FrameType::error_message, 1'000'000), jitter(0ms, 1ms)}};
    std::string sent = garbage ? noise(8U << 20U) : switching;
    for (int i = 0; !garbage && i < 30'000; ++i)
        sent +=
            i % 3 == 0 ? event_frame("agent_thinking") : text_frame(noise(static_cast<std::size_t>(i % 700)));
    auto client = link.connect();
    auto server = link.target.accept();
    client.send(upgrade);
    CHECK(server.receive(upgrade.size()) == upgrade);
    std::thread writer{[&server = server, &sent] {
        server.send(sent);
        server.end_of_sending();
    }};
    std::string how;
    const auto got = client.receive(std::string::npos, how);
    writer.join();
    CHECK(how == "FIN");
    CHECK(got.size() == sent.size());
    CHECK((got == sent));
}

TEST_CASE("Thousands of connections are opened and reset, and the next one is served", "[faults]")
{
    Linked link{{after_event(reset(), 1'000)}};
    for (int i = 0; i < 3'000; ++i) {
        auto client = link.connect(static_cast<std::uint32_t>(i % 1000));
        if (i % 2 == 0) client.send("GET /ws HT"); // half a handshake
        client.close_with_reset();
    }
    while (link.target.has_connection()) link.target.accept();
    auto [client, server] = link.upgraded(5);
    client.send("still here");
    CHECK(server.receive(10) == "still here");
    CHECK(link.faults_noted().empty());
}

TEST_CASE("A target that vanishes is a reset, and so is one that is not there", "[faults]")
{
    Linked link{{latency(1ms)}};
    auto client = link.connect();
    auto server = link.target.accept();
    client.send("x");
    server.receive(1);
    client.send("not read");
    while (!server.readable_within(1000)) {
    }
    server.close();
    link.target.close();
    CHECK(client.receive_all() == "RST");
    auto after = link.connect();
    CHECK(after.receive_all() == "RST");
}
