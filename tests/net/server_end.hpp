// A server's end of one WebSocket, byte by byte: what has arrived, and when nothing more has.
#pragma once

#include "faults/blocking_sockets.hpp"

#include <openssl/evp.h>

#include <array>
#include <string>
#include <string_view>

namespace wsrace::testing {

inline std::string accept_key(const std::string& key)
{
    const auto text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
    std::array<unsigned char, 64> encoded{};
    const auto length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
    return {encoded.begin(), encoded.begin() + length};
}

struct ServerEnd {
    BlockingSocket socket;

    explicit ServerEnd(const Listener& listener) : socket{listener.accept()} {}

    bool has_more() const { return socket.readable_within(0); }

    // Byte by byte, so that nothing behind it is taken.
    std::string receive_until(std::string_view end)
    {
        std::string all;
        while (!all.ends_with(end)) all += socket.receive(1);
        return all;
    }

    void answer_upgrade(const std::string& head)
    {
        constexpr std::string_view field = "Sec-WebSocket-Key: ";
        const auto begin = head.find(field) + field.size();
        const auto key = head.substr(begin, head.find("\r\n", begin) - begin);
        socket.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Accept: " +
                    accept_key(key) + "\r\n\r\n");
    }

    // The opcode and payload of a short frame of the client.
    std::string receive_frame(std::string frame = {})
    {
        const auto at_least = [&](std::size_t size) {
            if (frame.size() < size) frame += socket.receive(size - frame.size());
        };
        at_least(2);
        const auto size = static_cast<std::size_t>(frame[1] & 0x7f);
        at_least(6 + size);
        std::string payload;
        for (std::size_t i = 0; i < size; ++i) payload += static_cast<char>(frame[6 + i] ^ frame[2 + i % 4]);
        return std::to_string(frame[0] & 0x0f) + " " + payload;
    }

    void send_frame(unsigned opcode, std::string_view payload)
    {
        std::string frame;
        frame += static_cast<char>(0x80U | opcode);
        frame += static_cast<char>(payload.size());
        frame += payload;
        socket.send(frame);
    }
};

} // namespace wsrace::testing
