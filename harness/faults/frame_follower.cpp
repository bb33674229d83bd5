#include "faults/frame_follower.hpp"

#include <algorithm>

namespace wsrace::faults {

namespace {

constexpr unsigned continuation = 0x0;
constexpr unsigned text = 0x1;
constexpr unsigned binary = 0x2;
constexpr unsigned last_control = 0xA; // close, ping and pong
constexpr unsigned compressed = 0x40;  // permessage-deflate (RFC 7692): what it says cannot be read

} // namespace

// How long the head is, as far as the bytes that are there say.
std::size_t FrameFollower::wanted_head() const
{
    if (head_size_ < 2) return 2;
    const auto length = head_[1] & 0x7FU;
    const std::size_t longer = length == 126 ? 2 : length == 127 ? 8 : 0;
    return 2 + longer + ((head_[1] & 0x80U) != 0 ? 4 : 0);
}

FrameFollower::Happening FrameFollower::follow(std::string_view bytes, std::size_t& taken)
{
    taken = 0;
    if (lost_) return Happening::lost;
    while (!in_payload_) {
        if (taken == bytes.size()) return Happening::none;
        head_[head_size_++] = static_cast<unsigned char>(bytes[taken++]);
        if (head_size_ < wanted_head()) continue;
        lost_ = !enter_payload();
        if (lost_) return Happening::lost;
    }
    const auto part = std::min<std::uint64_t>(payload_left_, bytes.size() - taken);
    const auto size = static_cast<std::size_t>(part);
    const auto keeps = !is_control() && is_text_ && !told_;
    if (keeps) keep(bytes.substr(taken, size));
    taken += size;
    payload_left_ -= part;
    payload_seen_ += part;
    const auto complete = beginning_.size() == longest_beginning || (payload_left_ == 0 && is_final());
    if (keeps && complete) {
        told_ = true;
        return Happening::beginning;
    }
    return payload_left_ == 0 ? end_frame() : Happening::none;
}

bool FrameFollower::enter_payload()
{
    const auto opcode = head_[0] & 0x0FU;
    std::uint64_t length = head_[1] & 0x7FU;
    const std::size_t longer = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (longer > 0) length = 0;
    for (std::size_t i = 0; i < longer; ++i) length = length << 8U | head_[2 + i];
    if ((length >> 63U) != 0) return false;
    const auto masked = (head_[1] & 0x80U) != 0;
    for (std::size_t i = 0; i < mask_.size(); ++i) mask_[i] = masked ? head_[2 + longer + i] : 0;
    if (is_control()) {
        if (opcode > last_control || length > 125 || !is_final()) return false;
    } else {
        if (opcode > binary || (opcode == continuation) != in_message_) return false;
        if (opcode != continuation) {
            beginning_.clear();
            told_ = false;
            is_text_ = opcode == text && (head_[0] & compressed) == 0;
            in_message_ = true;
        }
    }
    payload_left_ = length;
    payload_seen_ = 0;
    in_payload_ = true;
    return true;
}

void FrameFollower::keep(std::string_view payload)
{
    const auto size = std::min(payload.size(), longest_beginning - beginning_.size());
    for (std::size_t i = 0; i < size; ++i) {
        const auto mask = mask_[(payload_seen_ + i) % mask_.size()];
        beginning_ += static_cast<char>(static_cast<unsigned char>(payload[i]) ^ mask);
    }
}

FrameFollower::Happening FrameFollower::end_frame()
{
    in_payload_ = false;
    head_size_ = 0;
    if (is_control() || !is_final()) return Happening::frame_ended;
    in_message_ = false;
    return Happening::message_ended;
}

} // namespace wsrace::faults
