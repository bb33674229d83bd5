// The load balancer that the harness plays in front of the instances of a supervised server.
#pragma once

#include "core/history_file.hpp"
#include "scenario/ingress_spec.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace wsrace {

struct IngressInstance {
    std::uint16_t port = 0; // of 127.0.0.1
    bool other_revision = false;
};

struct IngressSetup {
    IngressSpec spec;
    std::vector<IngressInstance> instances;      // none of them is open at first
    std::uint64_t seed = 0;                      // of the plan
    std::chrono::steady_clock::time_point start; // time zero of the history
};

// Listens on 127.0.0.1 and passes each connection on to one instance, on a thread of its own from
// construction to stop(). It reads the head of the first request and of the first answer on each connection,
// and nothing else. What it does goes into the history (core/ingress_act.hpp).
//
// Plain TCP and HTTP/1.1. A connection is given to an instance once, by its first request.
class Ingress {
public:
    // Throws boost::system::system_error when there is no port left.
    Ingress(IngressSetup setup, HistoryWriter history);
    ~Ingress(); // stops
    Ingress(const Ingress&) = delete;
    Ingress& operator=(const Ingress&) = delete;

    std::uint16_t port() const;

    // Whether the instance's port is open and it may get connections. One that is to be drained is closed
    // first: connections that it has go on. From any one thread.
    void set_open(std::uint16_t instance, bool open);

    // Resets what is open, ends the thread, completes the history. Safe to call again.
    void stop();

    // After stop(): what the harness itself could not do, such as open another socket; else empty.
    const std::string& problem() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace wsrace
