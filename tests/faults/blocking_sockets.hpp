// Both ends of a proxy as the outside sees them: blocking sockets of the system, with a limit on every wait.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace wsrace::testing {

constexpr int longest_wait_ms = 60'000;

class BlockingSocket {
public:
    explicit BlockingSocket(int socket) : socket_{socket}
    {
        if (socket_ < 0) throw std::runtime_error{"no socket"};
    }
    BlockingSocket(BlockingSocket&& other) noexcept
        : socket_{std::exchange(other.socket_, -1)}, reset_{other.reset_}
    {}
    BlockingSocket& operator=(BlockingSocket&& other) noexcept
    {
        std::swap(socket_, other.socket_);
        std::swap(reset_, other.reset_);
        return *this;
    }
    ~BlockingSocket() { close(); }

    int native() const { return socket_; }

    // Where nobody listens that is an exception. A connection that stood, and was reset before the system
    // came back from here, is one whose first reader hears of that.
    void connect(const sockaddr_in& address)
    {
        if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
        if (errno != ECONNRESET) throw std::runtime_error{"connection refused"};
        reset_ = true;
    }
    void close()
    {
        if (socket_ >= 0) ::close(socket_);
        socket_ = -1;
    }
    void close_with_reset()
    {
        const linger now{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close();
    }
    void end_of_sending() { ::shutdown(socket_, SHUT_WR); }

    bool writable_within(int milliseconds) const { return is_within(milliseconds, POLLOUT); }
    bool readable_within(int milliseconds) const { return reset_ || is_within(milliseconds, POLLIN); }
    bool fails_within(int milliseconds) const
    {
        return reset_ || is_within(milliseconds, 0);
    } // without reading

    // False once the connection has failed.
    bool send(std::string_view bytes) const
    {
        while (!bytes.empty()) {
            if (!writable_within(longest_wait_ms)) throw std::runtime_error{"nobody reads"};
            const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent < 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    // Up to `most` bytes; then, or at the end of the connection, says how it ended: "", "FIN", "RST".
    std::string receive(std::size_t most, std::string& how)
    {
        std::string all;
        std::array<char, 65536> piece{};
        how.clear();
        while (all.size() < most) {
            if (!readable_within(longest_wait_ms)) throw std::runtime_error{"nothing came: " + all};
            if (reset_) {
                how = "RST";
                break;
            }
            const auto got = ::recv(socket_, piece.data(), std::min(piece.size(), most - all.size()), 0);
            if (got <= 0) {
                how = got == 0 ? "FIN" : errno == ECONNRESET ? "RST" : "other error";
                break;
            }
            all.append(piece.data(), static_cast<std::size_t>(got));
        }
        return all;
    }
    std::string receive(std::size_t exactly)
    {
        std::string how;
        auto bytes = receive(exactly, how);
        return how.empty() ? bytes : bytes + " " + how;
    }
    // Everything until the end, and the end: "answer FIN".
    std::string receive_all()
    {
        std::string how;
        auto bytes = receive(std::string::npos, how);
        return bytes.empty() ? how : bytes + " " + how;
    }

private:
    bool is_within(int milliseconds, short events) const
    {
        pollfd entry{.fd = socket_, .events = events, .revents = 0};
        return ::poll(&entry, 1, milliseconds) == 1;
    }

    int socket_;
    bool reset_ = false; // while it was being connected
};

inline sockaddr_in loopback(std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

inline BlockingSocket connect_to(std::uint16_t port)
{
    BlockingSocket socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    socket.connect(loopback(port));
    return socket;
}

class Listener {
public:
    Listener() : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}
    {
        auto address = loopback(0);
        socklen_t length = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(socket_.native(), generic, length) != 0 || ::listen(socket_.native(), 4096) != 0 ||
            ::getsockname(socket_.native(), generic, &length) != 0)
            throw std::runtime_error{"cannot listen"};
        port_ = ntohs(address.sin_port);
    }
    std::uint16_t port() const { return port_; }
    int native() const { return socket_.native(); }
    void close() { socket_.close(); }
    bool has_connection() const
    {
        pollfd entry{.fd = socket_.native(), .events = POLLIN, .revents = 0};
        return ::poll(&entry, 1, 0) == 1;
    }
    BlockingSocket accept() const
    {
        pollfd entry{.fd = socket_.native(), .events = POLLIN, .revents = 0};
        if (::poll(&entry, 1, longest_wait_ms) != 1) throw std::runtime_error{"nobody connected"};
        return BlockingSocket{::accept4(socket_.native(), nullptr, nullptr, SOCK_CLOEXEC)};
    }

private:
    BlockingSocket socket_;
    std::uint16_t port_ = 0;
};

} // namespace wsrace::testing
