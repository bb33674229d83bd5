// What is drawn for a link, without sockets: by seed, connection, direction and frame alone.
#include "faults/link_conditions.hpp"

#include "faults/linked.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace wsrace;
using namespace wsrace::testing;
using namespace std::chrono_literals;
using faults::Chunk;
using faults::Direction;
using faults::LinkConditions;
using faults::LinkConnection;
using faults::LinkSchedule;
using faults::TimePoint;

namespace {

const TimePoint epoch{1h};

// How much later each byte of the frames is due, after a handshake, when they come in pieces of that size.
std::vector<Duration> delays(const LinkSchedule& schedule, const LinkConnection& connection,
                             std::size_t piece, Direction way = Direction::down)
{
    LinkConditions link{schedule, connection, epoch};
    std::deque<Chunk> out;
    link.take(Direction::up, upgrade, epoch, out);
    link.take(Direction::down, switching, epoch, out);
    out.clear();
    const auto frames =
        event_frame("agent_started") + text_frame(std::string(2000, 'x')) + event_frame("pong");
    for (std::size_t at = 0; at < frames.size(); at += piece)
        link.take(way, std::string_view{frames}.substr(at, piece), epoch, out);
    std::vector<Duration> all;
    std::string bytes;
    for (const auto& chunk : out) {
        all.insert(all.end(), chunk.bytes.size(), chunk.due - epoch);
        bytes += chunk.bytes;
    }
    CHECK(bytes == frames);
    return all;
}

} // namespace

TEST_CASE("Jitter is drawn for each frame, however it is cut", "[faults]")
{
    const LinkSchedule schedule{.faults = {jitter(1ms, 1s)}, .seed = 3};
    const LinkConnection connection{.user = UserId{5}};
    const auto whole = delays(schedule, connection, 1U << 20U);
    CHECK(whole == delays(schedule, connection, 1));
    CHECK(whole == delays(schedule, connection, 37));
    CHECK(whole.front() != whole.back());
    CHECK(std::set<Duration>(whole.begin(), whole.end()).size() == 3);
    CHECK(whole.front() >= 1ms);
}

TEST_CASE("Jitter depends on seed, connection and direction, and on nothing else", "[faults]")
{
    const LinkSchedule schedule{.faults = {jitter(1ms, 1s)}, .seed = 3};
    const LinkConnection connection{.number = 1, .user = UserId{5}, .slot = SlotId{1}, .opened = 0};
    const auto before = delays(schedule, connection, 100);
    CHECK(before != delays({.faults = {jitter(1ms, 1s)}, .seed = 4}, connection, 100));
    CHECK(before != delays(schedule, connection, 100, Direction::up));
    auto other = connection;
    other.opened = 1;
    CHECK(before != delays(schedule, other, 100));
    other = connection;
    other.number = 900; // who came first is not for the seed to say
    CHECK(before == delays(schedule, other, 100));
    CHECK(before == delays({.faults = {jitter(1ms, 1s), slice(9)}, .seed = 3}, connection, 100));
}

TEST_CASE("A share is drawn for each user, and is one", "[faults]")
{
    auto some = latency(1ms);
    some.user_share = 0.3;
    const LinkSchedule schedule{.faults = {some}, .seed = 1};
    int hit = 0;
    for (std::uint32_t user = 0; user < 2000; ++user) {
        const LinkConditions first{schedule, {.number = user, .user = UserId{user}, .opened = 0}, epoch};
        const LinkConditions second{schedule, {.number = user + 1, .user = UserId{user}, .opened = 1}, epoch};
        REQUIRE(first.never_act() == second.never_act());
        hit += first.never_act() ? 0 : 1;
    }
    CHECK(hit > 500);
    CHECK(hit < 700);
}

TEST_CASE("A fault acts in its window, on its connections, in its direction", "[faults]")
{
    auto late = latency(10ms);
    late.from = 1s;
    late.until = 2s;
    late.direction = LinkFault::Direction::up;
    late.first_connection = 3;
    late.last_connection = 4;
    const auto since_connection = GENERATE(false, true);
    if (since_connection) late.since = LinkFault::Since::connection;
    const LinkSchedule schedule{.faults = {late}, .seed = 1, .start = epoch - (since_connection ? 5s : 0s)};
    const auto delay = [&](std::uint32_t number, Direction way, Duration at) {
        LinkConditions link{schedule, {.number = number}, epoch};
        std::deque<Chunk> out;
        link.take(way, "bytes", epoch + at, out);
        return out.front().due - (epoch + at);
    };
    CHECK(delay(3, Direction::up, 999ms) == 0ms);
    CHECK(delay(3, Direction::up, 1s) == 10ms);
    CHECK(delay(4, Direction::up, 1999ms) == 10ms);
    CHECK(delay(4, Direction::up, 2s) == 0ms);
    CHECK(delay(2, Direction::up, 1s) == 0ms);
    CHECK(delay(5, Direction::up, 1s) == 0ms);
    CHECK(delay(3, Direction::down, 1s) == 0ms);
}

TEST_CASE("Faults that act together add up, and the narrowest limit counts", "[faults]")
{
    const LinkSchedule schedule{
        .faults = {latency(10ms), slice(9), latency(5ms), bandwidth(70), slice(4), bandwidth(30)}, .seed = 1};
    LinkConditions link{schedule, {}, epoch};
    std::deque<Chunk> out;
    link.take(Direction::up, "bytes", epoch, out);
    REQUIRE(out.size() == 1);
    CHECK(out[0].due == epoch + 15ms);
    CHECK(out[0].slice == 4);
    CHECK(out[0].bandwidth == 30);
}

TEST_CASE("A fault with a time limit ends, and begins once", "[faults]")
{
    auto fault = on_type(latency(10ms), FrameType::agent_thinking);
    fault.lasting = 1s;
    LinkSchedule schedule{.faults = {fault}, .seed = 1};
    int noted = 0;
    schedule.note = [&noted](const faults::LinkActivation&) { ++noted; };
    LinkConditions link{schedule, {}, epoch};
    std::deque<Chunk> out;
    link.take(Direction::up, upgrade, epoch, out);
    link.take(Direction::down, switching, epoch, out);
    const auto delay = [&](std::string_view type, Duration at) {
        out.clear();
        link.take(Direction::down, event_frame(type), epoch + at, out);
        return out.back().due - (epoch + at);
    };
    CHECK(delay("agent_started", 0s) == 0ms);
    CHECK(delay("agent_thinking", 1s) == 10ms);
    CHECK(delay("tool_executing", 1999ms) == 10ms);
    CHECK(delay("tool_executing", 2s) == 0ms);
    CHECK(delay("agent_thinking", 3s) == 0ms);
    CHECK(noted == 1);
}

TEST_CASE("A frame is held back until it is known, and no longer than that", "[faults]")
{
    const LinkSchedule schedule{.faults = {on_type(latency(10ms), FrameType::pong)}, .seed = 1};
    LinkConditions link{schedule, {}, epoch};
    std::deque<Chunk> out;
    link.take(Direction::up, upgrade, epoch, out);
    link.take(Direction::down, switching, epoch, out);
    out.clear();
    const auto large = text_frame(std::string(60'000, 'x'));
    link.take(Direction::down, std::string_view{large}.substr(0, 400), epoch, out);
    CHECK(out.empty());
    link.take(Direction::down, std::string_view{large}.substr(400, 400), epoch, out);
    std::size_t passed = 0;
    for (const auto& chunk : out) passed += chunk.bytes.size();
    CHECK(passed == 800);
    const auto end = link.take_end(Direction::down, epoch, out);
    CHECK(end == epoch);
}
