#include "reference_server/app.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace wsrace::reference {

namespace net = boost::asio;

net::awaitable<void> App::authentication_pause() const
{
    if (options.auth_delay.count() == 0) co_return;
    const auto executor = co_await net::this_coro::executor;
    net::steady_timer timer{executor, options.auth_delay};
    co_await timer.async_wait(net::use_awaitable);
}

} // namespace wsrace::reference
