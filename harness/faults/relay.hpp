// One connection of the server to a dependency, passed on by a proxy.
#pragma once

#include "faults/fault_schedule.hpp"
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
    FaultSchedule schedule;
    std::vector<char> scratch;                             // what is being read; used between two awaits only
    std::function<void(std::uint32_t connection)> ended;   // of a relay that was started
    std::function<void(const std::exception_ptr&)> failed; // the harness's own fault: no descriptors left
};

// Passes bytes both ways, unchanged and in order, FIN as FIN and RST as RST, and lets the faults act on them.
// Buffers are bounded: a side that does not read stops the other one. One thread; kept alive by its own
// coroutines until both sockets are closed.
class Relay : public std::enable_shared_from_this<Relay> {
public:
    Relay(Socket client, std::uint32_t connection, RelayContext& context);

    void start();
    void reset(); // ends both sides by RST
    void wake();  // the times of the faults have become known: look again
    ConnectionFaults& faults() { return faults_; }

private:
    using Self = std::shared_ptr<Relay>;

    struct Chunk {
        std::string bytes; // none: RST
        TimePoint due;     // not passed on before
    };

    // From one socket to the other.
    struct Way {
        Way(Socket& source, Socket& sink);
        Socket& from;
        Socket& to;
        std::deque<Chunk> chunks; // read, and not yet passed on
        std::size_t passed = 0;   // bytes of the first chunk that are passed on already
        std::size_t buffered = 0; // bytes
        TimePoint last_due{};
        bool ended = false;   // FIN was read
        bool done = false;    // FIN was passed on
        bool reset = false;   // `from` was reset by its peer
        bool broken = false;  // `to` takes no more
        bool stalled = false; // `to` is full
        Signal more;          // for the writer: a chunk, or the end
        Signal less;          // for the reader: there is room, or nothing left, or the writer is stalled
        Timer pause;          // of the writer, while a fault holds it
    };

    static Task<void> connect(Self self);
    static Task<void> read(Self self, Way& way);
    static Task<void> write(Self self, Way& way);
    static Task<void> watch(Self self, Way& way);
    static Task<void> reset_after(Self self, Way& way);

    void spawn(Task<void> task);
    void take(Way& way, std::size_t size);
    void discard(Way& way);
    TimePoint resume_at(const Way& way, TimePoint now);
    bool write_some(Way& way, boost::system::error_code& error);
    void pass_end(Way& way);
    bool is_writing(const Way& way) const;
    void end(bool by_reset);
    Way& opposite(Way& way) { return &way == &request_ ? answer_ : request_; }

    Socket client_;
    Socket upstream_;
    RelayContext& context_;
    ConnectionFaults faults_;
    Way request_;               // client to upstream
    Way answer_;                // upstream to client
    bool asked_ = true;         // something was passed to the dependency since its last answer began
    std::uint32_t answers_ = 0; // begun
    bool connected_ = false;
    bool ended_ = false;
};

} // namespace wsrace::faults
