#include "reference_server/roll_call.hpp"

#include "reference_server/app.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace wsrace::reference {

namespace net = boost::asio;

namespace {

constexpr auto longest_roll_call = std::chrono::seconds{3}; // more than closing may take

// On the newcomer's thread only.
struct RollCall {
    std::size_t missing;
    net::steady_timer patience;
};

} // namespace

net::awaitable<void> call_roll(App& app, std::shared_ptr<Connection> newcomer)
{
    auto others = app.registry.of_user(newcomer->identity.user_id);
    std::erase(others, newcomer);
    if (others.empty()) co_return;
    const auto executor = co_await net::this_coro::executor;
    const auto roll = std::make_shared<RollCall>(
        RollCall{.missing = others.size(), .patience = net::steady_timer{executor, longest_roll_call}});
    for (const auto& other : others) {
        // Posted, so that the wait has begun before the last answer ends it.
        other->answer_roll_call([executor, roll] {
            net::post(executor, [roll] {
                if (--roll->missing == 0) roll->patience.cancel();
            });
        });
    }
    others.clear();
    co_await roll->patience.async_wait(net::as_tuple(net::use_awaitable));
}

} // namespace wsrace::reference
