#include "reference_server/call_queue.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace wsrace::reference {

namespace net = boost::asio;

std::optional<CallQueue::TimePoint> CallQueue::enter(TimePoint now, TimePoint latest)
{
    const std::lock_guard lock{mutex_};
    const auto first_free = std::min_element(free_at_.begin(), free_at_.end());
    const auto begins = first_free == free_at_.end() ? now : std::max(now, *first_free);
    const auto done = begins + delay_;
    if (done > latest) return std::nullopt;
    if (first_free != free_at_.end()) *first_free = done;
    return done;
}

net::awaitable<bool> wait_turn(CallQueue& queue, std::chrono::milliseconds limit)
{
    const auto now = std::chrono::steady_clock::now();
    const auto done = queue.enter(now, now + limit);
    const auto executor = co_await net::this_coro::executor;
    net::steady_timer timer{executor, done.value_or(now + limit)};
    co_await timer.async_wait(net::as_tuple(net::use_awaitable));
    co_return done.has_value();
}

} // namespace wsrace::reference
