#include "reference_server/manager.hpp"

#include "reference_server/app.hpp"
#include "reference_server/frames.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

namespace wsrace::reference {

namespace net = boost::asio;

namespace {

constexpr int deepest_search = 16;
constexpr std::size_t managers_per_user = 5; // far more than there should be: a user has one

} // namespace

void Manager::attach(const std::shared_ptr<Connection>& connection)
{
    const std::lock_guard lock{mutex_};
    newest_ = connection;
}

void Manager::emit(Run& run, std::string_view type, const boost::json::object& payload)
{
    Outgoing frame{
        .run = run.number, .sequence = ++run.last_sequence, .text = event_frame(type, run, payload)};
    if (app_.options.bugs.has(Bug::shared_manager)) {
        // Bug: there is one socket per manager, the one that came last.
        const std::lock_guard lock{mutex_};
        if (const auto connection = newest_.lock()) connection->deliver(std::move(frame));
        return;
    }
    if (app_.options.bugs.has(Bug::thread_as_address)) {
        // Bug: the thread's name is taken for an address, although every user may choose it.
        for (const auto& connection : app_.threads.followers(run.thread_id)) connection->deliver(frame);
        return;
    }
    app_.routes.send(std::move(frame));
}

net::awaitable<void> ManagerFactory::open(net::steady_timer& answer)
{
    if (answer.expiry() > std::chrono::steady_clock::now()) {
        const auto [cancelled] = co_await answer.async_wait(net::as_tuple(net::use_awaitable));
        if (cancelled) co_return;
    }
    const std::lock_guard lock{mutex_};
    agent_name_ = app_.services.supervisor().agent_name;
}

std::string ManagerFactory::agent_name() const
{
    const std::lock_guard lock{mutex_};
    return agent_name_.value();
}

net::awaitable<void> ManagerFactory::attach(std::shared_ptr<Connection> connection)
{
    std::shared_ptr<Slot> slot;
    {
        const std::lock_guard lock{mutex_};
        auto& entry = entry_for(*connection);
        ++entry.connections;
        slot = entry.slot;
    }
    std::shared_ptr<Manager> manager;
    if (slot->first_use.claim()) {
        co_await fill(slot);
    } else if (app_.options.bugs.has(Bug::recursive_manager)) {
        // Bug: the slot of a manager that is being built looks like one that was never filled.
        manager = manager_of(*connection, 0);
    } else {
        co_await slot->first_use.wait();
    }
    if (!manager) manager = of(*connection);
    manager->attach(connection);
}

net::awaitable<void> ManagerFactory::fill(std::shared_ptr<Slot> slot)
{
    if (app_.options.manager_delay.count() > 0) {
        const auto executor = co_await net::this_coro::executor;
        net::steady_timer building{executor, app_.options.manager_delay};
        co_await building.async_wait(net::use_awaitable);
    }
    {
        const std::lock_guard lock{mutex_};
        slot->manager = std::make_shared<Manager>(app_);
    }
    slot->first_use.finish();
}

std::shared_ptr<Manager> ManagerFactory::manager_of(const Connection& connection, int depth) const
{
    if (depth > deepest_search) throw std::runtime_error{"the search for a manager goes round in circles"};
    if (auto manager = of(connection)) return manager;
    return manager_of_siblings(connection, depth + 1);
}

std::shared_ptr<Manager> ManagerFactory::manager_of_siblings(const Connection& connection, int depth) const
{
    for (const auto& sibling : app_.registry.of_user(connection.identity.user_id)) {
        if (auto manager = manager_of(*sibling, depth + 1)) return manager;
    }
    return nullptr;
}

ManagerFactory::Entry& ManagerFactory::entry_for(const Connection& connection)
{
    auto name = key(connection);
    if (const auto found = entries_.find(name); found != entries_.end()) return found->second;
    const auto& user_id = connection.identity.user_id;
    auto& owned = owned_[user_id];
    if (owned == managers_per_user) throw std::runtime_error{"this user has too many managers"};
    ++owned;
    Entry entry{.slot = std::make_shared<Slot>(), .connections = 0, .owner = user_id};
    return entries_.emplace(std::move(name), std::move(entry)).first->second;
}

bool ManagerFactory::detach(const Connection& connection)
{
    const std::lock_guard lock{mutex_};
    const auto found = entries_.find(cleanup_key(connection));
    if (found == entries_.end() || --found->second.connections > 0) return false;
    const auto owned = owned_.find(found->second.owner);
    if (--owned->second == 0) owned_.erase(owned);
    entries_.erase(found);
    return true;
}

std::shared_ptr<Manager> ManagerFactory::of(const Connection& connection) const
{
    const std::lock_guard lock{mutex_};
    const auto found = entries_.find(key(connection));
    if (found == entries_.end()) throw std::logic_error{"the connection has no manager"};
    return found->second.slot->manager;
}

std::size_t ManagerFactory::size() const
{
    const std::lock_guard lock{mutex_};
    return entries_.size();
}

std::string ManagerFactory::key(const Connection& connection) const
{
    // Bug: one manager for everybody, from the days when the server had one user.
    if (app_.options.bugs.has(Bug::shared_manager)) return {};
    // Bug: a manager for each connection now, which the clean-up was not told.
    if (app_.options.bugs.has(Bug::manager_cap_leak)) {
        return connection.identity.user_id + '/' + connection.id;
    }
    return connection.identity.user_id;
}

std::string ManagerFactory::cleanup_key(const Connection& connection) const
{
    if (app_.options.bugs.has(Bug::manager_cap_leak)) return connection.identity.user_id;
    return key(connection);
}

} // namespace wsrace::reference
