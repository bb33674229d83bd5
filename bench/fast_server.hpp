// The benchmark's server: the agent-event protocol on one thread and raw epoll, with as little work per frame
// as it takes. It accepts any token, sends its events at once or at a fixed gap, and is right for any number
// of users.
#pragma once

#include "http_text.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sys/epoll.h>

namespace bench {

using Clock = std::chrono::steady_clock;

struct Options {
    std::uint16_t port = 0;
    std::chrono::microseconds event_gap{0}; // 0: all events of a run in one burst
    int thinking = 1;
};

// One accepted socket. The strings stay empty while everything arrives and leaves in one piece.
struct Connection {
    int fd = -1;
    unsigned serial = 0; // tells this connection from a later one on the same descriptor
    bool upgraded = false;
    bool ending = false; // close the socket when `out` is sent; read nothing more
    std::uint32_t watched = EPOLLIN;
    std::string in;      // an incomplete request or frame
    std::string message; // fragments of a message
    std::string out;     // what the socket did not take
    std::string user;
};

// A run whose events are sent at a fixed gap. Kept by due time.
struct Run {
    int fd = -1;
    unsigned serial = 0;
    int step = 0;
    std::string id, thread, text;
};

class Server {
public:
    explicit Server(const Options& options) : options_(options) { listen(); }
    void serve();

private:
    void listen();
    void watch(int operation, int fd, std::uint32_t events);
    int wait(std::span<epoll_event> ready);
    void accept_all();
    void readable(Connection& connection);
    std::size_t consume(Connection& connection, std::span<char> data);
    std::size_t consume_request(Connection& connection, std::string_view data);
    std::size_t consume_frame(Connection& connection, std::span<char> data);
    void answer_http(Connection& connection, const Request& request);
    void upgrade(Connection& connection, const Request& request);
    void take_message(Connection& connection, std::string_view message);
    void start_run(Connection& connection, std::string_view message, std::string_view text);
    void send_event(Connection& connection, const Run& run);
    void send_text(Connection& connection, std::string_view text);
    void end_with(Connection& connection, std::uint16_t code);
    void play_due();
    void flush(Connection& connection);
    void drop(Connection& connection);
    std::string counters() const;

    Options options_;
    int listener_ = -1;
    int epoll_ = -1;
    std::vector<std::unique_ptr<Connection>> connections_; // by descriptor
    std::multimap<Clock::time_point, Run> runs_;
    std::array<char, 65536> buffer_{};
    std::string text_; // scratch for one outgoing text
    unsigned serials_ = 0;
    unsigned numbers_ = 0;
    unsigned accounts_ = 0;
    std::size_t open_ = 0;
    std::size_t welcomed_ = 0;
    std::size_t completed_runs_ = 0;
    Clock::time_point first_upgrade_;
    Clock::time_point last_welcome_;
};

} // namespace bench
