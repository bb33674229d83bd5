#include "reference_server/first_use.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace wsrace::reference {

namespace net = boost::asio;

bool FirstUse::claim()
{
    const std::lock_guard lock{mutex_};
    return !std::exchange(claimed_, true);
}

void FirstUse::finish()
{
    std::vector<std::shared_ptr<net::steady_timer>> let_through;
    {
        const std::lock_guard lock{mutex_};
        finished_ = true;
        let_through.swap(waiting_);
    }
    for (const auto& timer : let_through) {
        net::post(timer->get_executor(), [timer] { timer->cancel(); });
    }
}

net::awaitable<void> FirstUse::wait()
{
    const auto executor = co_await net::this_coro::executor;
    const auto timer = std::make_shared<net::steady_timer>(executor, net::steady_timer::time_point::max());
    {
        const std::lock_guard lock{mutex_};
        if (finished_) co_return;
        waiting_.push_back(timer);
    }
    // Nothing runs on this thread before the wait has begun, so that the cancel finds it.
    const auto [cancelled] = co_await timer->async_wait(net::as_tuple(net::use_awaitable));
    static_cast<void>(cancelled);
}

} // namespace wsrace::reference
