// WebSocket frames (RFC 6455) as the fast server needs them: taken out of a buffer in place, appended to one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace bench {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

enum class Scan { incomplete, complete, protocol_error, too_large };

// A client's frame. The payload is unmasked in place and lives as long as the buffer it was found in.
struct Frame {
    bool final = true;
    Opcode opcode = Opcode::text;
    std::string_view payload;
    std::size_t bytes = 0; // header and payload: what to skip in the buffer
};

inline constexpr std::size_t max_message_bytes = 65536;

// Looks at the first frame of the buffer. Unless the frame is complete nothing in the buffer is changed, so
// the call may be repeated when more bytes have come.
Scan take_frame(std::span<char> buffer, Frame& frame);

void append_frame(std::string& out, Opcode opcode, std::string_view payload);

} // namespace bench
