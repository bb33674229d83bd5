#include "net/deadline_queue.hpp"

#include <boost/asio/post.hpp>

namespace wsrace {

void DeadlineQueue::arm(Deadline& deadline, Clock::time_point at)
{
    disarm(deadline);
    deadline.at_ = at;
    queue_.insert(deadline);
    wake_by(at);
}

void DeadlineQueue::disarm(Deadline& deadline)
{
    if (deadline.is_linked()) queue_.erase(queue_.iterator_to(deadline));
}

void DeadlineQueue::shut_down()
{
    queue_.clear();
    timer_.cancel();
}

// An early wake-up finds nothing to do and sleeps again, so the timer is only ever moved forward: most
// deadlines never reach it.
void DeadlineQueue::wake_by(Clock::time_point at)
{
    if (wake_at_ && *wake_at_ <= at) return;
    wake_at_ = at;
    timer_.expires_at(at);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) fire();
    });
}

void DeadlineQueue::fire()
{
    wake_at_.reset();
    const auto now = Clock::now();
    while (!queue_.empty() && queue_.begin()->at_ <= now) {
        auto& due = *queue_.begin();
        queue_.erase(queue_.begin());
        due.on_deadline();
    }
    if (!queue_.empty()) wake_by(queue_.begin()->at_);
}

Task<bool> Waker::wait(Clock::time_point deadline)
{
    const auto initiate = [this, deadline](Handler&& handler) {
        BOOST_ASSERT(!handler_);
        handler_.emplace(std::move(handler));
        queue_.arm(*this, deadline);
    };
    return asio::async_initiate<const asio::use_awaitable_t<Executor>, void(bool)>(initiate, use_task);
}

void Waker::resume(bool notified)
{
    if (!handler_) return;
    queue_.disarm(*this);
    auto handler = std::move(*handler_);
    handler_.reset();
    // Posted, not called: whoever notifies is in the middle of something.
    asio::post(queue_.executor(), [handler = std::move(handler), notified]() mutable { handler(notified); });
}

} // namespace wsrace
