#include "net/client_frame.hpp"

#include <boost/assert.hpp>

#include <algorithm>

namespace wsrace {

namespace {

constexpr std::uint8_t final_frame = 0x80;
constexpr std::uint8_t masked = 0x80;
constexpr std::size_t mask_size = 4;

std::uint8_t byte_at(std::string_view bytes, std::size_t place)
{
    return static_cast<std::uint8_t>(bytes[place]);
}

void append_big_endian(std::string& out, std::uint64_t value, std::size_t bytes)
{
    for (auto i = bytes; i-- > 0;) out += static_cast<char>(value >> (8 * i) & 0xff);
}

// Of the frame that begins here, its header included.
std::uint64_t frame_size(std::string_view bytes)
{
    BOOST_ASSERT(bytes.size() >= 2);
    const auto short_length = byte_at(bytes, 1) & 0x7fU;
    const std::size_t extended = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
    BOOST_ASSERT(bytes.size() >= 2 + extended);
    std::uint64_t length = extended == 0 ? short_length : 0;
    for (std::size_t i = 0; i < extended; ++i) length = length << 8U | byte_at(bytes, 2 + i);
    return 2 + extended + ((byte_at(bytes, 1) & masked) != 0 ? mask_size : 0) + length;
}

} // namespace

std::string client_frame(Opcode opcode, std::string_view payload, std::uint32_t mask)
{
    std::string frame;
    frame.reserve(payload.size() + 14);
    frame += static_cast<char>(final_frame | static_cast<std::uint8_t>(opcode));
    if (payload.size() < 126) {
        frame += static_cast<char>(masked | payload.size());
    } else if (payload.size() <= 0xffff) {
        frame += static_cast<char>(masked | 126U);
        append_big_endian(frame, payload.size(), 2);
    } else {
        frame += static_cast<char>(masked | 127U);
        append_big_endian(frame, payload.size(), 8);
    }
    append_big_endian(frame, mask, mask_size);
    const auto key = frame.substr(frame.size() - mask_size);
    for (std::size_t i = 0; i < payload.size(); ++i)
        frame += static_cast<char>(byte_at(payload, i) ^ byte_at(key, i % mask_size));
    return frame;
}

bool FrameTracker::begins(Opcode opcode, std::string_view bytes) const
{
    return at_start() && bytes.size() >= 2 &&
           byte_at(bytes, 0) == (final_frame | static_cast<std::uint8_t>(opcode));
}

void FrameTracker::pass(std::string_view bytes)
{
    if (at_start() && bytes.size() >= 2) left_ = frame_size(bytes);
    left_ -= std::min<std::uint64_t>(left_, bytes.size());
}

} // namespace wsrace
