#include "reference_server/routes.hpp"

#include <algorithm>

namespace wsrace::reference {

namespace {

constexpr auto keeping_time = std::chrono::seconds{30};
constexpr std::string_view recovered_mark = R"(,"recovered":true})";

void keep_in_order(std::vector<Outgoing>& kept, Outgoing frame)
{
    const auto later = [](std::uint32_t sequence, const Outgoing& other) {
        return sequence < other.sequence;
    };
    kept.insert(std::upper_bound(kept.begin(), kept.end(), frame.sequence, later), std::move(frame));
}

Outgoing recovered(Outgoing frame)
{
    frame.text.pop_back(); // the closing brace
    frame.text += recovered_mark;
    return frame;
}

} // namespace

void Routes::open(std::uint64_t run, const std::shared_ptr<Connection>& connection)
{
    connection->routes.push_back(run);
    const std::lock_guard lock{mutex_};
    auto& route = routes_[run];
    route.user_id = connection->identity.user_id;
    route.to = connection;
    route.current = connection.get();
}

void Routes::send(Outgoing frame)
{
    const std::lock_guard lock{mutex_};
    const auto found = routes_.find(frame.run);
    if (found == routes_.end()) return;
    auto& route = found->second;
    const auto connection = route.current != nullptr ? route.to.lock() : nullptr;
    if (connection) {
        connection->deliver(std::move(frame));
    } else {
        keep_in_order(route.kept, std::move(frame));
    }
}

void Routes::close(std::uint64_t run)
{
    const std::lock_guard lock{mutex_};
    const auto found = routes_.find(run);
    if (found == routes_.end()) return;
    found->second.ended = true;
    if (found->second.kept.empty() && found->second.current != nullptr) routes_.erase(found);
}

void Routes::lost(Connection& connection, std::vector<Outgoing> unsent)
{
    const std::lock_guard lock{mutex_};
    for (const auto run : connection.routes) {
        const auto found = routes_.find(run);
        if (found != routes_.end() && found->second.current == &connection) {
            mark_lost(run, connection.identity.user_id);
        }
    }
    for (auto& frame : unsent) {
        if (frame.run == 0) continue;
        auto found = routes_.find(frame.run);
        if (found == routes_.end()) {
            mark_lost(frame.run, connection.identity.user_id).ended = true;
            found = routes_.find(frame.run);
        }
        keep_in_order(found->second.kept, std::move(frame));
    }
    connection.routes.clear();
}

void Routes::released(Connection& connection)
{
    const std::lock_guard lock{mutex_};
    for (const auto run : connection.routes) {
        const auto found = routes_.find(run);
        if (found != routes_.end() && found->second.current == &connection) routes_.erase(found);
    }
    connection.routes.clear();
}

void Routes::adopt(const std::shared_ptr<Connection>& connection)
{
    const std::lock_guard lock{mutex_};
    const auto left = orphans_.find(connection->identity.user_id);
    if (left == orphans_.end()) return;
    for (const auto run : left->second) {
        const auto found = routes_.find(run);
        if (found == routes_.end() || found->second.current != nullptr) continue;
        auto& route = found->second;
        for (auto& frame : route.kept) connection->deliver(recovered(std::move(frame)));
        route.kept.clear();
        route.to = connection;
        route.current = connection.get();
        connection->routes.push_back(run);
        if (route.ended) routes_.erase(found);
    }
    orphans_.erase(left);
}

void Routes::expire()
{
    const auto limit = std::chrono::steady_clock::now() - keeping_time;
    const std::lock_guard lock{mutex_};
    const auto forgotten = [&](std::uint64_t run) {
        const auto found = routes_.find(run);
        if (found == routes_.end() || found->second.current != nullptr) return true;
        if (found->second.lost_at > limit) return false;
        routes_.erase(found);
        return true;
    };
    for (auto user = orphans_.begin(); user != orphans_.end();) {
        std::erase_if(user->second, forgotten);
        user = user->second.empty() ? orphans_.erase(user) : std::next(user);
    }
}

Routes::Route& Routes::mark_lost(std::uint64_t run, const std::string& user_id)
{
    auto& route = routes_[run];
    route.user_id = user_id;
    route.to.reset();
    route.current = nullptr;
    route.lost_at = std::chrono::steady_clock::now();
    orphans_[user_id].push_back(run);
    return route;
}

} // namespace wsrace::reference
