// Follows the frames of a WebSocket (RFC 6455, section 5.2) as they pass, in pieces of any size, and keeps
// nothing of them but the beginning of the message at hand.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wsrace::faults {

// One direction of one connection; masked frames and unmasked ones.
class FrameFollower {
public:
    // How much of a message is kept to tell what it is.
    static constexpr std::size_t longest_beginning = 512;

    enum class Happening : std::uint8_t {
        none,          // all that was given belongs to the frame at hand
        beginning,     // of a text message: beginning() has it; more of its frame may come
        frame_ended,   // with the last byte taken
        message_ended, // the same, and the frame was the last one of a data message
        lost,          // this is no WebSocket: nothing that comes later can be told apart
    };

    // Takes bytes until something happens, and gives what did; `taken` is how many were taken. To be called
    // again with the rest, which may be empty, until it gives none or lost.
    Happening follow(std::string_view bytes, std::size_t& taken);

    // Of the message at hand, unmasked: up to 512 bytes, over all of its fragments.
    std::string_view beginning() const { return beginning_; }

    // Whether the next byte begins a frame.
    bool between_frames() const { return head_size_ == 0 && !in_payload_; }

private:
    std::size_t wanted_head() const;
    bool enter_payload(); // false: no WebSocket
    void keep(std::string_view payload);
    Happening end_frame();
    bool is_control() const { return (head_[0] & 0x08U) != 0; }
    bool is_final() const { return (head_[0] & 0x80U) != 0; }

    std::array<unsigned char, 14> head_{};
    std::size_t head_size_ = 0;
    std::uint64_t payload_left_ = 0;
    std::uint64_t payload_seen_ = 0;
    std::array<unsigned char, 4> mask_{};
    std::string beginning_;
    bool in_payload_ = false;
    bool in_message_ = false; // a data message has begun, and goes on in fragments
    bool is_text_ = false;    // and it is one of text
    bool told_ = false;       // its beginning was given
    bool lost_ = false;
};

} // namespace wsrace::faults
