// All deadlines of one worker, in one ordered set behind one timer: arming and disarming costs no allocation
// and hardly ever a system call.
#pragma once

#include "net/executor.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/intrusive/set.hpp>

#include <optional>
#include <utility>

namespace wsrace {

class DeadlineQueue;

// Something that is to happen at a time unless it is disarmed before. Owned by whoever waits; used on the
// queue's thread only.
class Deadline
    : public boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>> {
public:
    Deadline() = default;
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;

    bool operator<(const Deadline& other) const { return at_ < other.at_; }

protected:
    ~Deadline() = default;

private:
    friend class DeadlineQueue;
    virtual void on_deadline() = 0; // already disarmed
    Clock::time_point at_;
};

class DeadlineQueue {
public:
    explicit DeadlineQueue(const Executor& executor) : timer_{executor} {}
    DeadlineQueue(const DeadlineQueue&) = delete;
    DeadlineQueue& operator=(const DeadlineQueue&) = delete;

    void arm(Deadline& deadline, Clock::time_point at); // moves one that is armed already
    void disarm(Deadline& deadline);                    // nothing happens if it is not armed
    void shut_down();                                   // so that the io_context can run out of work

    Executor executor() { return timer_.get_executor(); }

private:
    void wake_by(Clock::time_point at);
    void fire();

    boost::intrusive::multiset<Deadline> queue_;
    asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer_;
    std::optional<Clock::time_point> wake_at_;
};

// What one coroutine waits on: a notification or a deadline, whichever is first. One waiter at a time.
class Waker final : Deadline {
public:
    explicit Waker(DeadlineQueue& queue) : queue_{queue} {}
    ~Waker() { queue_.disarm(*this); }

    // True: notified. False: the deadline passed. A notification that nobody waits for is not kept.
    Task<bool> wait(Clock::time_point deadline);
    void notify() { resume(true); }
    bool waiting() const { return handler_.has_value(); }

private:
    using Handler = asio::async_result<asio::use_awaitable_t<Executor>, void(bool)>::handler_type;

    void on_deadline() override { resume(false); }
    void resume(bool notified);

    DeadlineQueue& queue_;
    std::optional<Handler> handler_;
};

} // namespace wsrace
