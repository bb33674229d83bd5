#include "reference_server/registry.hpp"

namespace wsrace::reference {

void ConnectionRegistry::add(const std::shared_ptr<Connection>& connection)
{
    const auto lock = locked();
    connections_.emplace(connection->id, connection);
}

void ConnectionRegistry::remove(const std::string& id)
{
    const auto lock = locked();
    connections_.erase(id);
}

std::size_t ConnectionRegistry::size() const
{
    const auto lock = locked();
    return connections_.size();
}

std::vector<std::shared_ptr<Connection>> ConnectionRegistry::of_user(const std::string& user_id) const
{
    std::vector<std::shared_ptr<Connection>> found;
    const auto lock = locked();
    for (const auto& [id, entry] : connections_) {
        auto connection = entry.lock();
        if (connection && connection->identity.user_id == user_id) found.push_back(std::move(connection));
    }
    return found;
}

std::unique_lock<std::mutex> ConnectionRegistry::locked() const
{
    // Bug: written for one thread, and never revisited when connections were spread over several.
    if (bugs_.has(Bug::unlocked_registry)) return {};
    return std::unique_lock{mutex_};
}

} // namespace wsrace::reference
