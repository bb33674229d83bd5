#include "ws_frames.hpp"

namespace bench {

namespace {

std::uint64_t big_endian(std::span<const char> bytes)
{
    std::uint64_t value = 0;
    for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
}

bool is_known(unsigned opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

} // namespace

Scan take_frame(std::span<char> buffer, Frame& frame)
{
    if (buffer.size() < 2) return Scan::incomplete;
    const auto first = static_cast<unsigned char>(buffer[0]);
    const auto second = static_cast<unsigned char>(buffer[1]);
    const bool masked = (second & 0x80) != 0;
    if ((first & 0x70) != 0 || !masked || !is_known(first & 0x0f)) return Scan::protocol_error;

    const std::size_t short_length = second & 0x7f;
    const std::size_t extended = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
    const std::size_t header = 2 + extended + 4;
    if (buffer.size() < header) return Scan::incomplete;
    const std::uint64_t length = extended == 0 ? short_length : big_endian(buffer.subspan(2, extended));
    if (length > max_message_bytes) return Scan::too_large;
    if (buffer.size() < header + length) return Scan::incomplete;

    const auto mask = buffer.subspan(2 + extended, 4);
    const auto payload = buffer.subspan(header, static_cast<std::size_t>(length));
    for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
    frame.final = (first & 0x80) != 0;
    frame.opcode = static_cast<Opcode>(first & 0x0f);
    frame.payload = {payload.data(), payload.size()};
    frame.bytes = header + payload.size();
    return Scan::complete;
}

void append_frame(std::string& out, Opcode opcode, std::string_view payload)
{
    out += static_cast<char>(0x80 | static_cast<unsigned>(opcode));
    if (payload.size() < 126) {
        out += static_cast<char>(payload.size());
    } else {
        const bool wide = payload.size() > 0xffff;
        out += static_cast<char>(wide ? 127 : 126);
        for (int shift = wide ? 56 : 8; shift >= 0; shift -= 8) {
            out += static_cast<char>(payload.size() >> shift & 0xff);
        }
    }
    out += payload;
}

} // namespace bench
