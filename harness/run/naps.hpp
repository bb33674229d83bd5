// Waits that end early when everything is to end.
#pragma once

#include "core/time.hpp"
#include "net/deadline_queue.hpp"

#include <set>

namespace wsrace {

// For the coroutines of one thread.
class Naps {
public:
    explicit Naps(DeadlineQueue& queue) : queue_{queue} {}

    // False when it was cut short, or everything had ended already.
    Task<bool> until(Clock::time_point time);
    Task<bool> lasting(Duration duration);

    void end_all(); // those that go on, and all later ones
    bool over() const { return over_; }

private:
    DeadlineQueue& queue_;
    std::set<Waker*> asleep_;
    bool over_ = false;
};

} // namespace wsrace
