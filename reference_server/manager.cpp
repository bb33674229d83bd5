#include "reference_server/manager.hpp"

#include "reference_server/app.hpp"
#include "reference_server/frames.hpp"
#include "reference_server/pause.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <sys/socket.h>

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

std::shared_ptr<const RunLabels> Manager::labels_of(const Run& run,
                                                    const std::shared_ptr<Connection>& connection)
{
    auto labels = std::make_shared<const RunLabels>(RunLabels{.run_id = run.id, .thread_id = run.thread_id});
    if (!app_.options.bugs.has(Bug::stale_context)) return labels;
    // Bug: the manager is the user's, and its context is still that of the connection it was made for.
    const std::lock_guard lock{mutex_};
    const auto first = first_.lock();
    if (!first || first == connection) {
        first_ = connection;
        first_labels_ = std::move(labels);
    }
    return first_labels_;
}

void Manager::emit(Run& run, std::string_view type, const boost::json::object& payload)
{
    const auto& bugs = app_.options.bugs;
    const auto origin = run.origin.lock();
    // Bug: who is not in the table, or no longer, is taken for gone.
    if (bugs.has(Bug::ttl_eviction) && origin && !app_.registry.is_live(*origin)) return;
    if (bugs.has(Bug::send_after_close) && !(origin && origin->open)) {
        // Bug: the run, too, cleans up after a connection that it cannot write to. The session has done so
        // before, and the descriptor may be somebody else's by now.
        ::shutdown(run.descriptor, SHUT_RDWR);
    }
    Outgoing frame{
        .run = run.number, .sequence = ++run.last_sequence, .text = event_frame(type, run, payload)};
    if (misdirected(run, type, frame)) return;
    if (!app_.routes.send(std::move(frame))) give_up(run);
}

bool Manager::misdirected(const Run& run, std::string_view type, const Outgoing& frame)
{
    const auto& bugs = app_.options.bugs;
    if (bugs.has(Bug::shared_manager) || bugs.has(Bug::manager_per_message)) {
        // Bug: there is one socket per manager, the one that came last, and none that came to another one.
        const std::lock_guard lock{mutex_};
        if (const auto connection = newest_.lock()) connection->deliver(frame);
        return true;
    }
    if (bugs.has(Bug::thread_as_address)) {
        // Bug: the thread's name is taken for an address, although every user may choose it.
        for (const auto& connection : app_.threads.followers(run.thread_id)) connection->deliver(frame);
        return true;
    }
    const bool of_tool = type.starts_with("tool_");
    if (bugs.has(Bug::last_thread_wins) || (bugs.has(Bug::dual_path) && of_tool)) {
        // Bug: a second way to the connection, by what the thread is bound to and not by who asked.
        const auto followers = app_.threads.followers_of(run.user_id, run.thread_id);
        for (const auto& connection : followers) connection->deliver(frame);
        return true;
    }
    return false;
}

// More has been kept for a lost connection than can be: whoever comes back is told that the run has failed.
void Manager::give_up(Run& run)
{
    run.abandoned = true;
    const boost::json::object payload{{"status", "failed"},
                                      {"error_code", "EVENTS_LOST"},
                                      {"error_message", "too many events while the connection was lost"}};
    app_.routes.keep_only(Outgoing{.run = run.number,
                                   .sequence = ++run.last_sequence,
                                   .text = event_frame("agent_error", run, payload)});
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

bool ManagerFactory::enter(const Connection& connection)
{
    std::shared_ptr<Slot> slot;
    {
        const std::lock_guard lock{mutex_};
        auto& entry = entry_for(connection);
        ++entry.connections;
        slot = entry.slot;
        if (slot->manager) return true;
    }
    const bool takes_time = app_.options.manager_delay.count() > 0;
    if (takes_time || !slot->first_use.claim()) return false;
    fill(*slot);
    return true;
}

net::awaitable<void> ManagerFactory::attach(std::shared_ptr<Connection> connection)
{
    const auto slot = slot_of(*connection);
    auto manager = filled(*slot);
    if (!manager && slot->first_use.claim()) {
        co_await pause(app_.options.manager_delay);
        fill(*slot);
    } else if (!manager && app_.options.bugs.has(Bug::recursive_manager)) {
        // Bug: the slot of a manager that is being built looks like one that was never filled.
        manager = manager_of(*connection, 0);
    } else if (!manager) {
        co_await slot->first_use.wait();
    }
    if (!manager) manager = filled(*slot);
    manager->attach(connection);
}

void ManagerFactory::fill(Slot& slot)
{
    {
        const std::lock_guard lock{mutex_};
        slot.manager = std::make_shared<Manager>(app_);
    }
    slot.first_use.finish();
}

std::shared_ptr<ManagerFactory::Slot> ManagerFactory::slot_of(const Connection& connection) const
{
    const std::lock_guard lock{mutex_};
    const auto found = entries_.find(key(connection));
    if (found == entries_.end()) throw std::logic_error{"the connection has no manager"};
    return found->second.slot;
}

std::shared_ptr<Manager> ManagerFactory::filled(const Slot& slot) const
{
    const std::lock_guard lock{mutex_};
    return slot.manager;
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
    const auto slot = slot_of(connection);
    return filled(*slot);
}

std::shared_ptr<Manager> ManagerFactory::for_message(const Connection& connection)
{
    const auto slot = slot_of(connection);
    const std::lock_guard lock{mutex_};
    auto manager = slot->manager;
    // Bug: to each message its own manager; the next message's is made ahead, and attached to no connection.
    if (app_.options.bugs.has(Bug::manager_per_message)) slot->manager = std::make_shared<Manager>(app_);
    return manager;
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
