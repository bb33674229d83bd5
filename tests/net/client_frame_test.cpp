#include "net/client_frame.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;

TEST_CASE("A client's frame is masked as RFC 6455 shows it", "[net]")
{
    // Section 5.7: "Hello", masked.
    CHECK(client_frame(Opcode::text, "Hello", 0x37fa213d) == "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
    CHECK(client_frame(Opcode::pong, "", 0) == std::string("\x8a\x80\0\0\0\0", 6));
}

TEST_CASE("A frame's length takes as many bytes as it needs", "[net]")
{
    const auto head = [](std::size_t size) {
        return client_frame(Opcode::text, std::string(size, 'x'), 0).substr(1, 5);
    };
    CHECK(head(125) == std::string("\xfd\0\0\0\0", 5));
    CHECK(head(126) == std::string("\xfe\0\x7e\0\0", 5));
    CHECK(head(65535) == std::string("\xfe\xff\xff\0\0", 5));
    CHECK(head(65536) == std::string("\xff\0\0\0\0", 5));
    CHECK(client_frame(Opcode::text, std::string(70000, 'x'), 0).size() == 2 + 8 + 4 + 70000);
}

TEST_CASE("Frames are followed over writes of any size", "[net]")
{
    for (const std::size_t size : {0U, 125U, 126U, 65536U}) {
        const auto frame = client_frame(Opcode::text, std::string(size, '\x8a'), 0x8a8a8a8a);
        FrameTracker frames;
        CHECK(frames.begins(Opcode::text, frame));
        CHECK_FALSE(frames.begins(Opcode::pong, frame));
        const std::string_view all = frame;
        frames.pass(all.substr(0, all.size() / 2));
        const auto rest = all.substr(all.size() / 2);
        CHECK_FALSE(frames.at_start());
        CHECK_FALSE(frames.begins(Opcode::pong, "\x8a\x80"));
        frames.pass(rest);
        CHECK(frames.at_start());
    }
}
