#include "reference_server/tool_registry.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <stdexcept>

namespace wsrace::reference {

namespace net = boost::asio;

net::awaitable<void> ToolRegistry::load()
{
    if (bugs_.has(Bug::first_use_init)) {
        // Bug: who finds the registry empty fills it, and it stays empty for as long as the reading takes.
        if (!empty()) co_return;
    } else if (!first_use_.claim()) {
        co_await first_use_.wait();
        co_return;
    }
    if (load_time_.count() > 0) {
        const auto executor = co_await net::this_coro::executor;
        net::steady_timer reading{executor, load_time_};
        co_await reading.async_wait(net::use_awaitable);
    }
    for (const auto& tool : known_tools()) add(tool);
    first_use_.finish();
}

boost::json::object ToolRegistry::use(const std::string& name, std::string_view text) const
{
    Tool tool;
    {
        const std::lock_guard lock{mutex_};
        const auto found = tools_.find(name);
        if (found == tools_.end()) throw std::invalid_argument{"there is no tool of this name"};
        tool = found->second;
    }
    return tool.use(text);
}

bool ToolRegistry::empty() const
{
    const std::lock_guard lock{mutex_};
    return tools_.empty();
}

void ToolRegistry::add(const Tool& tool)
{
    const std::lock_guard lock{mutex_};
    const auto [entry, is_new] = tools_.emplace(tool.name, tool);
    if (!is_new) throw std::logic_error{fmt::format("the tool \"{}\" is registered already", tool.name)};
}

} // namespace wsrace::reference
