// One connection, passed on by a proxy.
#pragma once

#include "faults/conditions.hpp"
#include "faults/tcp.hpp"

#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace wsrace::faults {

// A condition variable for coroutines of one thread: the condition is tested before each wait.
class Signal {
public:
    explicit Signal(const Executor& executor) : timer_{executor, TimePoint::max()} {}
    auto wait() { return timer_.async_wait(as_result); }
    void notify() { timer_.cancel(); }

private:
    Timer timer_;
};

// What all relays of a proxy have in common. It outlives them.
struct RelayContext {
    std::vector<tcp::endpoint> upstream;
    std::vector<char> scratch;                             // what is being read; used between two awaits only
    std::function<void(std::uint32_t connection)> ended;   // of a relay that was started
    std::function<void(const std::exception_ptr&)> failed; // the harness's own fault: no descriptors left
};

// Passes bytes both ways, in order, FIN as FIN and RST as RST, as its conditions have it. Buffers are
// bounded: a side that does not read stops the other one. One thread; kept alive by its own coroutines until
// both sockets are closed.
class Relay : public std::enable_shared_from_this<Relay> {
public:
    Relay(Socket client, std::uint32_t connection, RelayContext& context,
          std::unique_ptr<Conditions> conditions);

    void start();
    void reset(); // ends both sides by RST
    void wake();  // what the conditions know has changed: ask again

private:
    using Self = std::shared_ptr<Relay>;

    // From one socket to the other.
    struct Way {
        Way(Direction direction, Socket& source, Socket& sink);
        Direction direction;
        Socket& from;
        Socket& to;
        std::deque<Chunk> chunks; // read, and not yet passed on
        std::size_t passed = 0;   // bytes of the first chunk that are passed on already
        std::size_t buffered = 0; // bytes
        TimePoint last_due{};     // of what was taken
        TimePoint room_at{};      // by the bandwidth
        bool ended = false;       // FIN was read
        bool done = false;        // FIN was passed on
        bool swallowed = false;   // the end has come, and is never passed on
        bool reset = false;       // `from` was reset by its peer
        bool broken = false;      // `to` takes no more
        bool stalled = false;     // `to` is full
        Signal more;              // for the writer: a chunk, or the end
        Signal less;              // for the reader: there is room, or nothing left, or the writer is stalled
        Timer pause;              // of the writer, while it may not write
    };

    static Task<void> connect(Self self);
    static Task<void> read(Self self, Way& way);
    static Task<void> write(Self self, Way& way);
    static Task<void> watch(Self self, Way& way);
    static Task<void> reset_after(Self self, Way& way);
    static Task<void> act_in_time(Self self, TimePoint first);

    void spawn(Task<void> task);
    void take(Way& way, std::size_t size);
    void pass_at_once(Way& way, const char*& bytes, std::size_t& size);
    void settle(Way& way, std::size_t chunks_before);
    bool take_end(Way& way);
    void discard(Way& way);
    TimePoint resume_at(const Way& way, TimePoint now);
    bool write_some(Way& way, boost::system::error_code& error);
    void reach(Way& way);
    void perform(Act act);
    void drop(Way& from_it, Way& to_it);
    void pass_end(Way& way);
    bool is_writing(const Way& way) const;
    void end(bool by_reset);
    Way& opposite(Way& way) { return &way == &request_ ? answer_ : request_; }

    Socket client_;
    Socket upstream_;
    RelayContext& context_;
    std::uint32_t connection_;
    std::unique_ptr<Conditions> conditions_;
    Way request_; // client to upstream
    Way answer_;  // upstream to client
    Timer next_act_;
    bool connected_ = false;
    bool dropped_ = false; // one side is gone, and the other one does not know
    bool ended_ = false;
};

} // namespace wsrace::faults
