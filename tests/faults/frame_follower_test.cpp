// What is told of a WebSocket's frames does not depend on how TCP cuts them.
#include "faults/frame_follower.hpp"

#include "core/random.hpp"

#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

using namespace wsrace;
using faults::FrameFollower;
using Happening = FrameFollower::Happening;

namespace {

std::size_t below(std::size_t count, RandomEngine& random)
{
    return boost::random::uniform_int_distribution<std::size_t>{0, count - 1}(random);
}

std::string frame(unsigned first, std::string payload, bool masked, RandomEngine& random)
{
    std::string bytes(1, static_cast<char>(first));
    const auto mask_bit = masked ? 0x80U : 0U;
    const auto put = [&](std::uint64_t value, int count) {
        for (int i = count - 1; i >= 0; --i) bytes += static_cast<char>(value >> (8 * i) & 0xFFU);
    };
    if (payload.size() < 126) {
        put(mask_bit | payload.size(), 1);
    } else if (payload.size() < 65536) {
        put(mask_bit | 126U, 1);
        put(payload.size(), 2);
    } else {
        put(mask_bit | 127U, 1);
        put(payload.size(), 8);
    }
    if (masked) {
        std::string mask;
        for (int i = 0; i < 4; ++i) mask += static_cast<char>(below(256, random));
        for (std::size_t i = 0; i < payload.size(); ++i)
            payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
        bytes += mask;
    }
    return bytes + payload;
}

std::string words(std::size_t size, RandomEngine& random)
{
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>(' ' + below(90, random));
    return text;
}

struct Stream {
    std::string bytes;
    std::string told; // what a follower is to say of it
};

// Text messages in fragments with control frames in between, binary messages, empty frames.
Stream random_stream_of_frames(RandomEngine& random)
{
    Stream stream;
    const auto masked = below(2, random) == 1;
    const auto add = [&](unsigned first, const std::string& payload) {
        stream.bytes += frame(first, payload, masked, random);
    };
    for (std::size_t message = 0; message < 6; ++message) {
        const auto is_text = below(4, random) != 0;
        const auto fragments = 1 + below(4, random);
        std::string whole;
        bool told = false;
        for (std::size_t i = 0; i < fragments; ++i) {
            constexpr std::array<std::size_t, 7> sizes{0, 1, 100, 125, 126, 600, 70'000};
            const auto part = words(sizes[below(sizes.size(), random)], random);
            const auto last = i + 1 == fragments;
            whole += part;
            add((last ? 0x80U : 0U) | (i > 0 ? 0U : is_text ? 1U : 2U), part);
            if (is_text && !told && (last || whole.size() >= FrameFollower::longest_beginning)) {
                stream.told += fmt::format("begins {};", whole.substr(0, FrameFollower::longest_beginning));
                told = true;
            }
            stream.told += last ? "message;" : "frame;";
            if (below(3, random) != 0) continue;
            add(0x80U | (8U + below(3, random)), words(below(126, random), random));
            stream.told += "frame;";
        }
    }
    return stream;
}

// Feeds `bytes` and puts down what the follower says of them.
void follow(FrameFollower& follower, std::string_view bytes, std::string& told)
{
    for (;;) {
        std::size_t taken = 0;
        const auto happening = follower.follow(bytes, taken);
        bytes.remove_prefix(taken);
        switch (happening) {
        case Happening::none: REQUIRE(bytes.empty()); return;
        case Happening::beginning: told += fmt::format("begins {};", follower.beginning()); break;
        case Happening::frame_ended: told += "frame;"; break;
        case Happening::message_ended: told += "message;"; break;
        case Happening::lost: told += "lost;"; return;
        }
    }
}

} // namespace

TEST_CASE("What a follower says of frames does not depend on how they are cut", "[faults]")
{
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        CAPTURE(seed);
        auto random = random_stream(seed, "frames");
        const auto stream = random_stream_of_frames(random);
        std::string told;
        FrameFollower follower;
        for (std::size_t at = 0; at < stream.bytes.size();) {
            const auto size =
                std::min(1 + below(below(2, random) == 0 ? 8 : 3000, random), stream.bytes.size() - at);
            follow(follower, std::string_view{stream.bytes}.substr(at, size), told);
            at += size;
        }
        CHECK(told == stream.told);
        CHECK(follower.between_frames());
    }
}

TEST_CASE("A frame may be cut at every byte", "[faults]")
{
    auto random = random_stream(7, "frames");
    const auto bytes = frame(0x01U, words(200, random), true, random) + frame(0x89U, "ping", true, random) +
                       frame(0x80U, words(400, random), true, random) + frame(0x81U, "", true, random);
    std::string whole;
    FrameFollower at_once;
    follow(at_once, bytes, whole);
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        std::string told;
        FrameFollower follower;
        follow(follower, std::string_view{bytes}.substr(0, cut), told);
        follow(follower, std::string_view{bytes}.substr(cut), told);
        REQUIRE(told == whole);
    }
}

TEST_CASE("A follower keeps nothing of a large frame but its beginning", "[faults]")
{
    auto random = random_stream(1, "frames");
    const std::string payload(1U << 20U, 'x');
    std::string told;
    FrameFollower follower;
    follow(follower, frame(0x81U, payload, false, random), told);
    CHECK(told == "begins " + payload.substr(0, 512) + ";message;");
    CHECK(follower.beginning().size() == FrameFollower::longest_beginning);
}

TEST_CASE("Garbage is told from frames, and ends the following", "[faults]")
{
    const auto garbage =
        GENERATE(as<std::string>{}, std::string("\x83\x00", 2), // an opcode that is reserved
                 std::string("\x80\x01x", 3),                   // goes on, and nothing had begun
                 std::string("\x89\x7E\x01\x00", 4),            // a ping that is too long
                 std::string("\x09\x00", 2),                    // a ping in fragments
                 std::string("\x8B\x00", 2), std::string("\x82\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10));
    std::string told;
    FrameFollower follower;
    follow(follower, garbage, told);
    CHECK(told == "lost;");
    follow(follower, "and more", told);
    CHECK(told == "lost;lost;");
}

TEST_CASE("A compressed message is passed over", "[faults]")
{
    auto random = random_stream(2, "frames");
    std::string told;
    FrameFollower follower;
    follow(follower, frame(0xC1U, "deflated", false, random) + frame(0x81U, "plain", false, random), told);
    CHECK(told == "message;begins plain;message;");
}
