// Faults that begin with what the protocol does, seen from both sides of the link.
#include "faults/linked.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace wsrace::testing;
using namespace std::chrono_literals;

namespace {

const std::string welcome = event_frame("welcome");
const std::string started = event_frame("agent_started");
const std::string thinking = event_frame("agent_thinking");
const std::string tool = event_frame("tool_executing");

} // namespace

TEST_CASE("After the second event: both come, and then the reset", "[faults]")
{
    Linked link{{after_event(reset(), 2)}};
    auto [client, server] = link.upgraded(7);
    server.send(welcome + started + thinking + tool);
    CHECK(client.receive_all() == welcome + started + thinking + " RST");
    CHECK(server.receive_all() == "RST");
    CHECK(link.faults_noted() == std::vector<std::string>{"user 7, slot 0 lost: link: reset, connection 0"});
}

TEST_CASE("An event is an event however its frame is cut", "[faults]")
{
    Linked link{{after_event(reset(), 1)}};
    auto [client, server] = link.upgraded();
    for (const auto byte : welcome + started) {
        server.send(std::string(1, byte));
    }
    CHECK(client.receive((welcome + started).size() + 1) == welcome + started + " RST");
}

TEST_CASE("A fault after an event of one user is not one of another", "[faults]")
{
    auto fault = after_event(reset(), 1);
    fault.trigger.user = 7;
    Linked link{{fault}};
    auto [spared, spared_server] = link.upgraded(6);
    auto [client, server] = link.upgraded(7);
    server.send(started + thinking);
    CHECK(client.receive_all() == started + " RST");
    spared_server.send(started + thinking);
    CHECK(spared.receive((started + thinking).size()) == started + thinking);
}

TEST_CASE("On a frame: the reset comes in its place", "[faults]")
{
    Linked link{{on_type(reset(), FrameType::tool_executing, 2)}};
    auto [client, server] = link.upgraded();
    server.send(tool + thinking + tool);
    CHECK(client.receive_all() == tool + thinking + " RST");
}

TEST_CASE("On a frame: latency and stall hold that one already, and none before", "[faults]")
{
    const auto held = GENERATE(true, false);
    const auto fault = held ? stall(300ms) : latency(300ms);
    Linked link{{on_type(fault, FrameType::tool_executing)}};
    auto [client, server] = link.upgraded();
    server.send(started);
    CHECK(client.receive(started.size()) == started);
    const auto begin = Clock::now();
    server.send(tool);
    CHECK(client.receive(tool.size()) == tool);
    CHECK(Clock::now() - begin >= 300ms);
    CHECK(link.faults_noted().size() == 1);
}

TEST_CASE("A stall that an event begins holds the other direction, too", "[faults]")
{
    Linked link{{after_event(stall(400ms), 1)}};
    auto [client, server] = link.upgraded();
    const auto begin = Clock::now();
    server.send(started);
    CHECK(client.receive(started.size()) == started); // it is after this one
    client.send("ping");
    CHECK(server.receive(4) == "ping");
    CHECK(Clock::now() - begin >= 400ms);
}

TEST_CASE("While the upgrade is under way, and not longer", "[faults]")
{
    Linked link{{while_upgrade(latency(250ms))}};
    const auto begin = Clock::now();
    auto [client, server] = link.upgraded();
    CHECK(Clock::now() - begin >= 500ms);
    const auto over = Clock::now();
    server.send(started);
    CHECK(client.receive(started.size()) == started);
    CHECK(Clock::now() - over < 60s); // nothing is due any more; how soon is not for a test to say
    CHECK(link.faults_noted().size() == 1);
}

TEST_CASE("A reset while the upgrade is under way lets none of it through", "[faults]")
{
    Linked link{{while_upgrade(reset())}};
    auto client = link.connect();
    auto server = link.target.accept();
    client.send(upgrade);
    CHECK(client.receive_all() == "RST");
    CHECK(server.receive_all() == "RST");
}

TEST_CASE("A refusal of the upgrade has no frames, whatever its body looks like", "[faults]")
{
    Linked link{{after_event(reset(), 1)}};
    auto client = link.connect();
    auto server = link.target.accept();
    client.send(upgrade);
    server.receive(upgrade.size());
    const auto refusal = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\r\n" + started + started;
    server.send(refusal);
    server.close();
    CHECK(client.receive_all() == refusal + " FIN");
    CHECK(link.faults_noted().empty());
}

TEST_CASE("Through TLS there are no events", "[faults]")
{
    Linked link{{after_event(reset(), 1), latency(1ms)}, 1, false};
    auto [client, server] = link.upgraded();
    server.send(started + thinking);
    CHECK(client.receive((started + thinking).size()) == started + thinking);
    CHECK(link.faults_noted().size() == 1);
}
