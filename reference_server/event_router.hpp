// Finds the handler that builds a run's events: what is known about the user they belong to.
#pragma once

#include "reference_server/bugs.hpp"
#include "reference_server/identity.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace wsrace::reference {

struct UserContext {
    std::string user_id;
    std::string email;
};

// Any thread. One handler per user who has a connection.
class EventRouter {
public:
    explicit EventRouter(BugSet bugs) : bugs_{bugs} {}

    void add(const Identity& identity);      // once per connection
    void remove(const std::string& user_id); // once per connection

    // Nobody comes or goes while it is held.
    std::unique_lock<std::mutex> hold() const { return std::unique_lock{mutex_}; }

    // The context for a run of `user_id`, who must have a connection.
    std::shared_ptr<const UserContext> match(const std::string& user_id) const;

private:
    struct Handler {
        std::shared_ptr<const UserContext> context;
        std::size_t connections;
    };

    const BugSet bugs_;
    mutable std::mutex mutex_;
    std::map<std::uint64_t, Handler> handlers_; // in order of registration
    std::unordered_map<std::string, std::uint64_t> by_user_;
    std::uint64_t last_{0};
};

} // namespace wsrace::reference
