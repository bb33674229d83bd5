// Where the events of each run go: to the connection that started it, or, when that one was lost, to the next
// connection its user opens. What cannot be sent in between is kept, in order, for a limited time and up to a
// limited size.
#pragma once

#include "reference_server/bugs.hpp"
#include "reference_server/connection.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace wsrace::reference {

// Any thread, except where a connection's own thread is asked for. The lock is held while a frame is handed
// to its connection, so frames of a run cannot overtake each other while its route changes.
class Routes {
public:
    explicit Routes(BugSet bugs) : bugs_{bugs} {}

    // A run begins; on the connection's thread.
    void open(std::uint64_t run, const std::shared_ptr<Connection>& connection);

    // False when nobody gets it, because too much has been kept for the run already.
    bool send(Outgoing frame);

    // Of a run whose connection was lost: keeps that frame, and forgets what was kept before.
    void keep_only(Outgoing frame);

    // A run has ended and sends nothing more.
    void close(std::uint64_t run);

    // The connection was lost: keeps its runs' routes, and what it had not sent; on the connection's thread.
    void lost(Connection& connection, std::vector<Outgoing> unsent);

    // The connection was closed on purpose: forgets its runs' routes; on the connection's thread.
    void released(Connection& connection);

    // Whether anything has been kept that the user's lost connections did not get.
    bool has_kept(const std::string& user_id) const;

    // Takes over what the user's lost connections left; on the new connection's thread.
    void adopt(const std::shared_ptr<Connection>& connection);

    // The same without sending what was kept: returns it, and what comes from now on goes to the connection.
    std::vector<Outgoing> take_over(const std::shared_ptr<Connection>& connection);

    // The last of a connection that has been lost or released: routes of these runs that still lead to it.
    void sweep(const Connection& connection, const std::vector<std::uint64_t>& runs);

    // Forgets what nobody came back for.
    void expire();

private:
    struct Route {
        void keep(Outgoing frame); // in order

        std::string user_id;
        std::weak_ptr<Connection> to;
        const Connection* current{nullptr}; // null: lost, frames are kept
        bool ended{false};
        std::vector<Outgoing> kept;
        std::size_t kept_bytes{0};
        std::chrono::steady_clock::time_point lost_at{};
    };

    Route& mark_lost(std::uint64_t run, const std::string& user_id);
    std::vector<Outgoing> move_to(const std::shared_ptr<Connection>& connection); // with the lock held

    const BugSet bugs_;
    mutable std::mutex mutex_;
    std::unordered_map<std::uint64_t, Route> routes_;                     // by run
    std::unordered_map<std::string, std::vector<std::uint64_t>> orphans_; // lost runs by user
};

} // namespace wsrace::reference
