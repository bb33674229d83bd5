// Which connections there are, and when each was last heard of.
#pragma once

#include "reference_server/connection.hpp"
#include "reference_server/server.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace wsrace::reference {

// Any thread.
class ConnectionRegistry {
public:
    explicit ConnectionRegistry(const Options& options) : bugs_{options.bugs}, ttl_{options.connection_ttl} {}

    void add(const std::shared_ptr<Connection>& connection);

    // The same, and calls `also` before anybody sees the new entry.
    void add(const std::shared_ptr<Connection>& connection, const std::function<void()>& also);

    void remove(const Connection& connection);

    // The connection has said something.
    void heard_of(const Connection& connection);

    // Whether it was heard of within --connection-ttl.
    bool is_live(const Connection& connection) const;

    std::size_t size() const;
    std::size_t idle() const; // those that are not live
    std::size_t count_of(const std::string& user_id) const;
    std::vector<std::shared_ptr<Connection>> of_user(const std::string& user_id) const;

private:
    using Clock = std::chrono::steady_clock;
    struct Entry {
        const Connection* key;
        std::weak_ptr<Connection> connection;
        Clock::time_point heard_of;
    };

    std::unique_lock<std::mutex> locked() const;
    void enter(const std::shared_ptr<Connection>& connection);
    const Entry* entry_of(const Connection& connection) const;
    bool within_ttl(const Entry& entry) const;

    const BugSet bugs_;
    const std::chrono::milliseconds ttl_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::vector<Entry>> by_user_;
    std::size_t size_{0};
};

} // namespace wsrace::reference
