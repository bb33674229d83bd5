// A listener whose connections become relays to one upstream.
#pragma once

#include "faults/relay.hpp"

#include <functional>
#include <list>
#include <map>
#include <memory>

namespace wsrace::faults {

// What a connection meets that has just been accepted at `reached`, the address that it was made to; null: it
// is reset at once.
using Admission =
    std::function<std::unique_ptr<Conditions>(std::uint32_t connection, const tcp::endpoint& reached)>;

// One thread: that of the executor. It is stopped, and the executor's work has ended, before it goes.
class Proxy {
public:
    // `acceptor` listens already. `context` comes without `ended` and `scratch`.
    Proxy(const Executor& executor, Acceptor acceptor, RelayContext context, Admission admission);
    Proxy(const Proxy&) = delete;
    Proxy& operator=(const Proxy&) = delete;

    std::uint16_t port() const { return port_; }
    std::uint32_t accepted() const { return accepted_; }
    std::size_t open() const { return open_.size(); }

    void start();
    void wake_relays(); // what their conditions know has changed
    void stop();        // resets what is open

private:
    Task<void> accept_all();
    void admit(Socket client);
    void spawn(Task<void> task);
    std::vector<std::shared_ptr<Relay>> relays() const;

    Executor executor_;
    RelayContext context_;
    Admission admission_;
    Acceptor acceptor_;
    std::uint16_t port_;
    std::uint32_t accepted_ = 0;
    std::map<std::uint32_t, std::shared_ptr<Relay>> open_; // by number
    std::list<Timer> timers_;                              // of a wait for descriptors
    bool stopped_ = false;
};

} // namespace wsrace::faults
