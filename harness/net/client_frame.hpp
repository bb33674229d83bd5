// WebSocket frames as bytes (RFC 6455, section 5.2): making one, and telling where the next begins.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wsrace {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// One whole frame as a client sends it, masked with `mask`.
std::string client_frame(Opcode opcode, std::string_view payload, std::uint32_t mask);

// Follows a client's frames from write to write.
class FrameTracker {
public:
    // The next byte begins a frame.
    bool at_start() const { return left_ == 0; }
    // Whether these bytes begin a frame of that kind.
    bool begins(Opcode opcode, std::string_view bytes) const;
    // The beginning (with the whole header), middle or end of one frame has been written.
    void pass(std::string_view bytes);

private:
    std::uint64_t left_ = 0; // bytes of the frame that is on its way
};

} // namespace wsrace
