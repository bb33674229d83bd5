// Conversation threads. Each belongs to one user; two users may use the same name for two threads.
#pragma once

#include "reference_server/bugs.hpp"
#include "reference_server/connection.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace wsrace::reference {

// Any thread.
class ThreadStore {
public:
    explicit ThreadStore(BugSet bugs) : bugs_{bugs} {}

    // A new thread "t-<process>-<n>" of the user's.
    std::string create(const std::string& user_id);

    // One more message in the user's thread of that name, which begins with its first message. Returns how
    // many it has.
    std::size_t post(const std::string& user_id, const std::string& name);

    // Binds a thread that has messages to the connection, which follows it from now on.
    void follow(const std::string& user_id, const std::string& name,
                const std::shared_ptr<Connection>& connection);

    // The connections that follow the user's thread of that name.
    std::vector<std::shared_ptr<Connection>> followers_of(const std::string& user_id,
                                                          const std::string& name) const;

    // The connections that follow threads of that name, all owners included.
    std::vector<std::shared_ptr<Connection>> followers(const std::string& name) const;

    // The user has left; their threads go.
    void forget(const std::string& user_id);

private:
    struct Thread {
        std::size_t messages{0};
        std::vector<std::weak_ptr<Connection>> followers;
    };

    const BugSet bugs_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::map<std::string, Thread>> by_user_;
    std::uint64_t last_{0};
};

} // namespace wsrace::reference
