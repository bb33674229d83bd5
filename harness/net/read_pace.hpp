// How fast a connection reads while it does not simply read.
#pragma once

#include "net/executor.hpp"
#include "net/wire_watcher.hpp"

#include <cstddef>

namespace wsrace {

// WireShaper acts by it. Used on the worker's thread only.
class ReadPace {
public:
    ReadPace(const Executor& executor, WireWatcher& watcher)
        : watcher_{watcher}, next_read_{executor}, over_{executor}
    {}

    // `rate` bytes per second until then; 0: none.
    void slow_down(std::size_t rate, Clock::time_point until);
    void resume(); // at once; nothing happens when reading is not slow

    void abandon(); // the connection has been cut: nobody waits any more

    bool is_slow() const { return slow_; }
    // Not long ago, so that what the peer did for that reason may only now have been read.
    bool was_slow(Clock::time_point now) const;

    // While it is slow: before that nothing may be read, and then at most a piece.
    Clock::time_point next_read() const;
    std::size_t piece() const;
    void has_read(std::size_t bytes, Clock::time_point now);

    // Cancelled when reading goes on.
    WireTimer& timer() { return next_read_; }

private:
    WireWatcher& watcher_;
    WireTimer next_read_;
    WireTimer over_;
    std::size_t rate_ = 0;
    Clock::time_point not_before_{};
    Clock::time_point resumed_{};
    bool slow_ = false;
};

} // namespace wsrace
