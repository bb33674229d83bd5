// The proxy in front of one dependency: it accepts, and each connection becomes a relay.
#pragma once

#include "faults/relay.hpp"

#include <list>
#include <map>
#include <memory>

namespace wsrace::faults {

// One thread: that of the executor. It is stopped, and the executor's work has ended, before it goes.
class Proxy {
public:
    // Listens from here on. `context` comes without `ended` and `scratch`.
    Proxy(const Executor& executor, RelayContext context);
    Proxy(const Proxy&) = delete;
    Proxy& operator=(const Proxy&) = delete;

    const std::string& dependency() const { return context_.schedule.dependency; }
    std::uint16_t port() const { return port_; }

    void start();
    void server_spawned(TimePoint at);
    void server_ready(TimePoint at);
    void stop(); // resets what is open

private:
    Task<void> accept_all();
    Task<void> cut_when_due(std::size_t fault, Timer& timer);
    void admit(Socket client);
    void spawn(Task<void> task);
    void wake_relays();
    std::vector<std::shared_ptr<Relay>> relays() const;

    Executor executor_;
    RelayContext context_;
    Acceptor acceptor_;
    std::uint16_t port_;
    std::uint32_t accepted_ = 0;
    std::map<std::uint32_t, std::shared_ptr<Relay>> open_; // by number
    std::list<Timer> timers_;                              // of cuts to come, and of a wait for descriptors
    bool stopped_ = false;
};

} // namespace wsrace::faults
