#include "reference_server/pause.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace wsrace::reference {

namespace net = boost::asio;

net::awaitable<void> pause(std::chrono::microseconds time)
{
    if (time.count() == 0) co_return;
    const auto executor = co_await net::this_coro::executor;
    net::steady_timer timer{executor, time};
    co_await timer.async_wait(net::as_tuple(net::use_awaitable));
}

} // namespace wsrace::reference
