#include "reference_server/store_access.hpp"

#include "reference_server/run.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace wsrace::reference {

namespace net = boost::asio;
namespace json = boost::json;

StoreAccess::StoreAccess(const Options& options)
    : options_{options}, queue_{options.store_delay, options.store_workers}
{
    if (!options.dependencies) return;
    service_.emplace("store", resolve_address(options.store_address), options.dependency_timeout);
}

net::awaitable<json::object> StoreAccess::load(const Run& run)
{
    return ask(
        {{"call", "load"}, {"user_id", run.user_id}, {"thread_id", run.thread_id}, {"run_id", run.id}});
}

net::awaitable<json::object> StoreAccess::save(const Run& run)
{
    return ask({{"call", "save"},
                {"user_id", run.user_id},
                {"thread_id", run.thread_id},
                {"run_id", run.id},
                {"events", run.last_sequence}});
}

net::awaitable<bool> StoreAccess::reached() const
{
    if (!service_) co_return true;
    const auto answered = co_await service_->reached();
    co_return answered;
}

net::awaitable<json::object> StoreAccess::ask(json::object question)
{
    if (service_) {
        auto answer = co_await service_->call(std::move(question));
        co_return answer;
    }
    const auto limit = options_.dependency_timeout;
    const auto in_time = co_await wait_turn(queue_, limit);
    if (!in_time) throw DependencyFailure{fmt::format("store did not answer within {} ms", limit.count())};
    const std::lock_guard lock{mutex_};
    co_return own_.answer(question);
}

} // namespace wsrace::reference
