// The pace of a dependency: so many calls at a time, and each takes a while.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

namespace wsrace::reference {

// Any thread.
class CallQueue {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    // `workers` calls at a time, 0: all of them at once.
    CallQueue(std::chrono::milliseconds delay, std::size_t workers) : delay_{delay}, free_at_(workers) {}

    bool takes_time() const { return delay_.count() > 0; }

    // When a call that comes now will be done; it then has its place in the queue. Nothing when that would be
    // after `latest`: whoever gives up before it is served must not hold up the others.
    std::optional<TimePoint> enter(TimePoint now, TimePoint latest);

private:
    const std::chrono::milliseconds delay_;
    std::mutex mutex_;
    std::vector<TimePoint> free_at_; // by worker
};

// Waits for a call to be done, at most for `limit`: then it returns false.
boost::asio::awaitable<bool> wait_turn(CallQueue& queue, std::chrono::milliseconds limit);

} // namespace wsrace::reference
