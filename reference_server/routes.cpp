#include "reference_server/routes.hpp"

#include <algorithm>
#include <utility>

namespace wsrace::reference {

namespace {

constexpr auto keeping_time = std::chrono::seconds{30};
constexpr std::size_t most_kept = 1'048'576; // bytes of one run
constexpr std::string_view recovered_mark = R"(,"recovered":true})";

Outgoing recovered(Outgoing frame)
{
    if (std::exchange(frame.recovered, true)) return frame; // lost once more
    frame.text.pop_back();                                  // the closing brace
    frame.text += recovered_mark;
    return frame;
}

} // namespace

void Routes::Route::keep(Outgoing frame)
{
    const auto later = [](std::uint32_t sequence, const Outgoing& other) {
        return sequence < other.sequence;
    };
    kept_bytes += frame.text.size();
    kept.insert(std::upper_bound(kept.begin(), kept.end(), frame.sequence, later), std::move(frame));
}

void Routes::open(std::uint64_t run, const std::shared_ptr<Connection>& connection)
{
    connection->routes.push_back(run);
    const std::lock_guard lock{mutex_};
    auto& route = routes_[run];
    route.user_id = connection->identity.user_id;
    route.to = connection;
    route.current = connection.get();
}

bool Routes::send(Outgoing frame)
{
    const std::lock_guard lock{mutex_};
    const auto found = routes_.find(frame.run);
    if (found == routes_.end()) return true; // nobody wants it
    auto& route = found->second;
    const auto connection = route.current != nullptr ? route.to.lock() : nullptr;
    if (connection) {
        connection->deliver(std::move(frame));
        return true;
    }
    if (route.kept_bytes > most_kept) return false;
    route.keep(std::move(frame));
    return true;
}

void Routes::keep_only(Outgoing frame)
{
    const std::lock_guard lock{mutex_};
    const auto found = routes_.find(frame.run);
    if (found == routes_.end()) return;
    found->second.kept.clear();
    found->second.kept_bytes = 0;
    found->second.keep(std::move(frame));
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
        found->second.keep(std::move(frame));
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

bool Routes::has_kept(const std::string& user_id) const
{
    const std::lock_guard lock{mutex_};
    const auto left = orphans_.find(user_id);
    if (left == orphans_.end()) return false;
    return std::any_of(left->second.begin(), left->second.end(), [this](std::uint64_t run) {
        const auto found = routes_.find(run);
        return found != routes_.end() && found->second.current == nullptr && !found->second.kept.empty();
    });
}

void Routes::adopt(const std::shared_ptr<Connection>& connection)
{
    const std::lock_guard lock{mutex_};
    for (auto& frame : move_to(connection)) connection->deliver(std::move(frame));
}

std::vector<Outgoing> Routes::take_over(const std::shared_ptr<Connection>& connection)
{
    const std::lock_guard lock{mutex_};
    return move_to(connection);
}

std::vector<Outgoing> Routes::move_to(const std::shared_ptr<Connection>& connection)
{
    std::vector<Outgoing> missed;
    const auto left = orphans_.find(connection->identity.user_id);
    if (left == orphans_.end()) return missed;
    for (const auto run : left->second) {
        const auto found = routes_.find(run);
        if (found == routes_.end() || found->second.current != nullptr) continue;
        auto& route = found->second;
        for (auto& frame : route.kept) missed.push_back(recovered(std::move(frame)));
        route.kept.clear();
        route.kept_bytes = 0;
        route.to = connection;
        route.current = connection.get();
        connection->routes.push_back(run);
        if (route.ended) routes_.erase(found);
    }
    orphans_.erase(left);
    return missed;
}

void Routes::sweep(const Connection& connection, const std::vector<std::uint64_t>& runs)
{
    const std::lock_guard lock{mutex_};
    for (const auto run : runs) {
        const auto found = routes_.find(run);
        if (found == routes_.end()) continue;
        // Bug: whatever still leads somewhere is taken for a left-over of this connection.
        const bool left_over = bugs_.has(Bug::late_cleanup) ? found->second.current != nullptr
                                                            : found->second.current == &connection;
        if (left_over) routes_.erase(found);
    }
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
