#include "reference_server/manager.hpp"

#include "reference_server/app.hpp"
#include "reference_server/frames.hpp"

#include <stdexcept>

namespace wsrace::reference {

namespace {

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

std::shared_ptr<Manager> ManagerFactory::attach(const std::shared_ptr<Connection>& connection)
{
    std::shared_ptr<Manager> manager;
    {
        const std::lock_guard lock{mutex_};
        auto& entry = entry_for(*connection);
        ++entry.connections;
        manager = entry.manager;
    }
    manager->attach(connection);
    return manager;
}

ManagerFactory::Entry& ManagerFactory::entry_for(const Connection& connection)
{
    auto name = key(connection);
    if (const auto found = entries_.find(name); found != entries_.end()) return found->second;
    const auto& user_id = connection.identity.user_id;
    auto& owned = owned_[user_id];
    if (owned == managers_per_user) throw std::runtime_error{"this user has too many managers"};
    ++owned;
    Entry entry{.manager = std::make_shared<Manager>(app_), .connections = 0, .owner = user_id};
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
    return found->second.manager;
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
