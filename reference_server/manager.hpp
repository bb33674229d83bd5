// One manager per user: sends the events of the user's runs.
#pragma once

#include "reference_server/bugs.hpp"
#include "reference_server/connection.hpp"
#include "reference_server/run.hpp"

#include <boost/json/object.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace wsrace::reference {

struct App;

// Any thread.
class Manager {
public:
    explicit Manager(App& app) : app_{app} {}

    void attach(const std::shared_ptr<Connection>& connection);

    // Builds one event and sends it on its way; on the run's thread.
    void emit(Run& run, std::string_view type, const boost::json::object& payload);

private:
    App& app_;
    std::mutex mutex_;
    std::weak_ptr<Connection> newest_;
};

// Any thread. Hands out managers, and keeps each as long as its user has a connection.
class ManagerFactory {
public:
    explicit ManagerFactory(App& app) : app_{app} {}

    std::shared_ptr<Manager> attach(const std::shared_ptr<Connection>& connection);

    // True when this was the user's last connection.
    bool detach(const Connection& connection);

    // The manager for a user who has a connection.
    std::shared_ptr<Manager> of(const Connection& connection) const;

    std::size_t size() const;

private:
    struct Entry {
        std::shared_ptr<Manager> manager;
        std::size_t connections{0};
        std::string owner; // the user it was made for
    };

    Entry& entry_for(const Connection& connection); // with the lock held
    std::string key(const Connection& connection) const;
    std::string cleanup_key(const Connection& connection) const;

    App& app_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, Entry> entries_;
    std::unordered_map<std::string, std::size_t> owned_; // managers by user
};

} // namespace wsrace::reference
