// Which connections are open.
#pragma once

#include "reference_server/bugs.hpp"
#include "reference_server/connection.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace wsrace::reference {

// Any thread.
class ConnectionRegistry {
public:
    explicit ConnectionRegistry(BugSet bugs) : bugs_{bugs} {}

    void add(const std::shared_ptr<Connection>& connection);
    void remove(const std::string& id);
    std::size_t size() const;
    std::vector<std::shared_ptr<Connection>> of_user(const std::string& user_id) const;

private:
    std::unique_lock<std::mutex> locked() const;

    const BugSet bugs_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::weak_ptr<Connection>> connections_; // by connection id
};

} // namespace wsrace::reference
