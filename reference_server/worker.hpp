// One thread with its io_context, and the connections that live on it.
#pragma once

#include "reference_server/connection.hpp"
#include "reference_server/state_tracker.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/object.hpp>
#include <unordered_set>

namespace wsrace::reference {

struct App;
struct Options;

// A peer in any phase: handshake, HTTP, WebSocket. Own thread only.
class Peer {
public:
    virtual ~Peer() = default;
    virtual void leave() = 0;             // says goodbye where the phase allows it, bounded
    virtual Connection& connection() = 0; // not `open` before the upgrade
};

// Everything but the constructor on its own thread.
class Worker {
public:
    explicit Worker(const Options& options);
    ~Worker() { gone_ = true; }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void run(App& app); // until `shut_down`, and until everything has ended
    void shut_down();

    void add(Peer& peer);
    void remove(Peer& peer);

private:
    bool gone_{false}; // outlives the io_context, whose end may end peers that a stop has left behind

public:
    boost::asio::io_context io{1};
    StateTracker states;         // before `run` it does not know the store
    boost::json::object payload; // see swapped_payload

private:
    void beat(App& app);
    void send_heartbeats(App& app);

    const Options& options_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
    boost::asio::steady_timer pulse_;
    boost::asio::steady_timer last_resort_; // ends a shutdown that a peer holds up
    std::unordered_set<Peer*> peers_;
    bool leaving_{false};
};

// A peer's stay on its worker.
class Presence {
public:
    Presence(Worker& worker, Peer& peer) : worker_{worker}, peer_{peer} { worker_.add(peer_); }
    ~Presence() { worker_.remove(peer_); }
    Presence(const Presence&) = delete;
    Presence& operator=(const Presence&) = delete;

private:
    Worker& worker_;
    Peer& peer_;
};

} // namespace wsrace::reference
