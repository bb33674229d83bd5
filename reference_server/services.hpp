// The dependencies behind the port: built one after the other, possibly slowly, while the port is open
// already.
#pragma once

#include "reference_server/agent_supervisor.hpp"
#include "reference_server/auth_access.hpp"
#include "reference_server/manager.hpp"
#include "reference_server/waiting_list.hpp"

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

namespace wsrace::reference {

struct App;

// `start` runs once, on one thread; everything else may be called from any thread.
class Services {
public:
    explicit Services(App& app) : app_{app} {}

    // Builds the way to auth after 20 % of --cold-start, the managers after 40 %, the supervisor after 80 %,
    // and opens the managers at its end. With --dependencies the first waits until auth was reached, the
    // supervisor until the store was.
    boost::asio::awaitable<void> start();
    void cancel_start(); // on the thread of `start`

    // All of them are there, and complete.
    bool ready() const;

    // The same, and what is reached over TCP answers right now.
    boost::asio::awaitable<bool> ready_now() const;

    // Until auth, the managers and the supervisor are there, and whatever they depend on answers.
    boost::asio::awaitable<void> wait_for_each() const;

    // Whether upgrades and logins are let in.
    bool admits_traffic() const;

    // Calls the entry when all are there, unless it is gone by then. Any thread.
    void call_when_ready(const std::shared_ptr<WaitingList::Entry>& entry) { waiting_.join(entry); }

    // Until `ready`, in whole seconds, at least one.
    std::chrono::seconds time_left() const;

    // Each throws when its dependency is not there yet.
    AuthAccess& auth() const;
    ManagerFactory& managers() const;
    AgentSupervisor& supervisor() const;

    std::size_t active_runs() const;
    std::size_t active_managers() const;

private:
    // Owned by the thread that builds, published to the others when complete.
    template <class T>
    struct Slot {
        std::unique_ptr<T> owner;
        std::atomic<T*> published{nullptr};
    };

    template <class Access>
    boost::asio::awaitable<void> reach(const Access& access);

    template <class T>
    boost::asio::awaitable<void> wait_for(const Slot<T>& slot) const;

    App& app_;
    Slot<AuthAccess> auth_;
    Slot<ManagerFactory> managers_;
    Slot<AgentSupervisor> supervisor_;
    std::chrono::steady_clock::time_point started_at_{std::chrono::steady_clock::now()};
    std::unique_ptr<boost::asio::steady_timer> timer_;
    std::atomic<bool> cancelled_{false};
    std::atomic<bool> complete_{false};
    WaitingList waiting_;
};

} // namespace wsrace::reference
