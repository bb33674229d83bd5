// Heads of HTTP messages and types of frames, as a proxy reads them in passing.
#include "faults/event_scan.hpp"
#include "faults/handshake_head.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using faults::corrupt_header;
using faults::EventScan;
using faults::HandshakeHead;

namespace {

const std::string answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

std::size_t differences(const std::string& one, const std::string& other)
{
    std::size_t count = 0;
    for (std::size_t i = 0; i < one.size(); ++i) count += one[i] != other[i] ? 1 : 0;
    return count;
}

} // namespace

TEST_CASE("The end of a head is found however it is cut", "[faults]")
{
    const auto bytes = answer + "\x81\x02hi";
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        HandshakeHead head;
        auto taken = head.follow(std::string_view{bytes}.substr(0, cut));
        if (taken == cut) taken += head.follow(std::string_view{bytes}.substr(cut));
        REQUIRE(taken == answer.size());
        REQUIRE(head.complete());
        REQUIRE(head.switches());
    }
}

TEST_CASE("Only a 101 switches", "[faults]")
{
    HandshakeHead head;
    head.follow("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 101\r\n\r\n");
    CHECK(head.complete());
    CHECK_FALSE(head.switches());
    HandshakeHead garbage;
    CHECK(garbage.follow("\r\n\r") == 3);
    CHECK_FALSE(garbage.complete());
}

TEST_CASE("One character of the header's value changes, by the seed", "[faults]")
{
    auto changed = answer;
    REQUIRE(corrupt_header(changed, "Sec-WebSocket-Accept", 1));
    CHECK(differences(changed, answer) == 1);
    const auto value = answer.find("s3pPL");
    CHECK(changed.substr(0, value) == answer.substr(0, value));
    auto again = answer;
    corrupt_header(again, "Sec-WebSocket-Accept", 1);
    CHECK(again == changed);
    auto otherwise = answer;
    corrupt_header(otherwise, "Sec-WebSocket-Accept", 2);
    CHECK(otherwise != changed);
    CHECK_FALSE(corrupt_header(otherwise, "Sec-WebSocket", 1));
}

TEST_CASE("The type of a frame is found where profiles look", "[faults]")
{
    const EventScan scan;
    CHECK(scan.type_of(R"({"type":"tool_executing","run_id":"r-9"})") == FrameType::tool_executing);
    CHECK(scan.type_of(R"({"data" : {"event" : "agent_started"}})") == FrameType::agent_started);
    CHECK(scan.type_of(R"({"type":"system_message","data":{"event":"connection_established"}})") ==
          FrameType::welcome);
    CHECK(scan.type_of(R"({"text":"type","type":"agent_death"})") == FrameType::agent_error);
    CHECK(scan.type_of(R"({"type":"agent_comp)") == FrameType::unknown);
    CHECK(scan.type_of(R"({"note":"agent_completed"})") == FrameType::unknown);
    CHECK(scan.type_of("") == FrameType::unknown);
    CHECK(scan.type_of(R"("type":)") == FrameType::unknown);
}

TEST_CASE("The names and keys of a profile count", "[faults]")
{
    Profile profile;
    profile.type_pointers = {"/kind", "/body/what"};
    profile.types = {{"run.begin", FrameType::agent_started}};
    const EventScan scan{profile};
    CHECK(scan.type_of(R"({"body":{"what":"run.begin"}})") == FrameType::agent_started);
    CHECK(scan.type_of(R"({"type":"run.begin"})") == FrameType::unknown);
    CHECK(scan.type_of(R"({"kind":"agent_started"})") == FrameType::unknown);
}
