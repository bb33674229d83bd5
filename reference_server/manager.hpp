// One manager per user: sends the events of the user's runs.
#pragma once

#include "reference_server/bugs.hpp"
#include "reference_server/connection.hpp"
#include "reference_server/first_use.hpp"
#include "reference_server/run.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/object.hpp>
#include <memory>
#include <mutex>
#include <optional>
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

    // What the events of a new run, asked for on that connection, say of it.
    std::shared_ptr<const RunLabels> labels_of(const Run& run, const std::shared_ptr<Connection>& connection);

    // Builds one event and sends it on its way; on the run's thread.
    void emit(Run& run, std::string_view type, const boost::json::object& payload);

private:
    void give_up(Run& run);

    // See shared_manager, manager_per_message, thread_as_address, last_thread_wins and dual_path; false
    // without them.
    bool misdirected(const Run& run, std::string_view type, const Outgoing& frame);

    App& app_;
    std::mutex mutex_;
    std::weak_ptr<Connection> newest_;

    // See stale_context.
    std::weak_ptr<Connection> first_;
    std::shared_ptr<const RunLabels> first_labels_;
};

// Any thread. Hands out managers, and keeps each as long as its user has a connection. Complete when it has
// been opened.
class ManagerFactory {
public:
    explicit ManagerFactory(App& app) : app_{app} {}

    // Asks the supervisor what its agents are called; it answers when the timer expires. On the timer's
    // thread.
    boost::asio::awaitable<void> open(boost::asio::steady_timer& answer);

    // What events say of their origin.
    std::string agent_name() const;

    // Counts the connection in. True when the user's manager is there, false when `attach` has to be waited
    // for.
    bool enter(const Connection& connection);

    // For a connection that has been counted in. The user's manager is built for the first one, which takes
    // --manager-delay; the others wait for it.
    boost::asio::awaitable<void> attach(std::shared_ptr<Connection> connection);

    // True when this was the user's last connection.
    bool detach(const Connection& connection);

    // The manager for a user who has a connection.
    std::shared_ptr<Manager> of(const Connection& connection) const;

    // The one that is to send the events of a run, which the connection has just asked for.
    std::shared_ptr<Manager> for_message(const Connection& connection);

    std::size_t size() const;

private:
    struct Slot {
        FirstUse first_use;
        std::shared_ptr<Manager> manager;
    };
    struct Entry {
        std::shared_ptr<Slot> slot;
        std::size_t connections{0};
        std::string owner; // the user it was made for
    };

    Entry& entry_for(const Connection& connection); // with the lock held
    std::shared_ptr<Slot> slot_of(const Connection& connection) const;
    std::string key(const Connection& connection) const;
    void fill(Slot& slot);
    std::shared_ptr<Manager> filled(const Slot& slot) const;

    // See recursive_manager.
    std::shared_ptr<Manager> manager_of(const Connection& connection, int depth) const;
    std::shared_ptr<Manager> manager_of_siblings(const Connection& connection, int depth) const;
    std::string cleanup_key(const Connection& connection) const;

    App& app_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, Entry> entries_;
    std::optional<std::string> agent_name_;              // known when open
    std::unordered_map<std::string, std::size_t> owned_; // managers by user
};

} // namespace wsrace::reference
