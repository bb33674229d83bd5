#include "reference_server/registry.hpp"

#include <algorithm>

namespace wsrace::reference {

void ConnectionRegistry::add(const std::shared_ptr<Connection>& connection)
{
    const auto lock = locked();
    enter(connection);
}

void ConnectionRegistry::add(const std::shared_ptr<Connection>& connection, const std::function<void()>& also)
{
    const auto lock = locked();
    also();
    enter(connection);
}

void ConnectionRegistry::remove(const Connection& connection)
{
    const auto lock = locked();
    const auto found = by_user_.find(connection.identity.user_id);
    if (found == by_user_.end()) return;
    auto& entries = found->second;
    size_ -= std::erase_if(entries, [&](const Entry& entry) { return entry.key == &connection; });
    if (entries.empty()) by_user_.erase(found);
}

void ConnectionRegistry::heard_of(const Connection& connection)
{
    // Bug: the table is a cache, whose entries age from when they were made, whatever is said meanwhile.
    if (bugs_.has(Bug::ttl_eviction)) return;
    const auto lock = locked();
    const auto found = by_user_.find(connection.identity.user_id);
    if (found == by_user_.end()) return;
    for (auto& entry : found->second) {
        if (entry.key == &connection) entry.heard_of = Clock::now();
    }
}

bool ConnectionRegistry::is_live(const Connection& connection) const
{
    const auto lock = locked();
    const auto* entry = entry_of(connection);
    return entry != nullptr && within_ttl(*entry);
}

std::size_t ConnectionRegistry::size() const
{
    const auto lock = locked();
    return size_;
}

std::size_t ConnectionRegistry::idle() const
{
    const auto lock = locked();
    std::size_t count = 0;
    for (const auto& [user_id, entries] : by_user_) {
        const auto live = [this](const Entry& entry) { return within_ttl(entry); };
        count +=
            entries.size() - static_cast<std::size_t>(std::count_if(entries.begin(), entries.end(), live));
    }
    return count;
}

std::size_t ConnectionRegistry::count_of(const std::string& user_id) const
{
    const auto lock = locked();
    const auto found = by_user_.find(user_id);
    return found == by_user_.end() ? 0 : found->second.size();
}

std::vector<std::shared_ptr<Connection>> ConnectionRegistry::of_user(const std::string& user_id) const
{
    std::vector<std::shared_ptr<Connection>> connections;
    const auto lock = locked();
    const auto found = by_user_.find(user_id);
    if (found == by_user_.end()) return connections;
    for (const auto& entry : found->second) {
        if (auto connection = entry.connection.lock()) connections.push_back(std::move(connection));
    }
    return connections;
}

std::unique_lock<std::mutex> ConnectionRegistry::locked() const
{
    // Bug: written for one thread, and never revisited when connections were spread over several.
    if (bugs_.has(Bug::unlocked_registry)) return {};
    return std::unique_lock{mutex_};
}

void ConnectionRegistry::enter(const std::shared_ptr<Connection>& connection)
{
    auto& entries = by_user_[connection->identity.user_id];
    entries.push_back(Entry{.key = connection.get(), .connection = connection, .heard_of = Clock::now()});
    ++size_;
}

const ConnectionRegistry::Entry* ConnectionRegistry::entry_of(const Connection& connection) const
{
    const auto found = by_user_.find(connection.identity.user_id);
    if (found == by_user_.end()) return nullptr;
    for (const auto& entry : found->second) {
        if (entry.key == &connection) return &entry;
    }
    return nullptr;
}

bool ConnectionRegistry::within_ttl(const Entry& entry) const
{
    return ttl_.count() == 0 || Clock::now() - entry.heard_of <= ttl_;
}

} // namespace wsrace::reference
