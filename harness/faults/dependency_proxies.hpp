// TCP proxies in front of what a supervised server depends on (authentication, a cache, a database), on which
// the scenario's faults act.
#pragma once

#include "core/history_file.hpp"
#include "scenario/scenario.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wsrace {

struct DependencySetup {
    std::vector<Dependency> dependencies;                // ServerSpec::dependencies
    std::vector<DependencyFault> faults;                 // Scenario::dependency_faults
    std::map<std::string, std::uint16_t> upstream_ports; // by name, on 127.0.0.1: where there is no upstream
    std::uint64_t seed = 0;                              // of the plan
    std::chrono::steady_clock::time_point start;         // time zero of the history
};

// One proxy for each dependency, all on one thread of their own, from construction to stop(). Bytes pass
// unchanged and in order, FIN as FIN, RST as RST; an upstream that refuses is passed on as RST, since the
// connection to the proxy stands already. Each time that a fault acts on a connection the history gets an
// event, as in "dependency auth: delay 300 ms, connection 3". Connections of a dependency are numbered in the
// order in which they were accepted, from 0.
class DependencyProxies {
public:
    // Throws std::runtime_error that names the dependency when its upstream cannot be resolved or is not
    // known, boost::system::system_error when there is no port left.
    DependencyProxies(const DependencySetup& setup, HistoryWriter history);
    ~DependencyProxies(); // stops
    DependencyProxies(const DependencyProxies&) = delete;
    DependencyProxies& operator=(const DependencyProxies&) = delete;

    // "127.0.0.1:PORT" of the proxy. Throws std::out_of_range for a name that is not a dependency's.
    const std::string& address(std::string_view dependency) const;

    // What stands for what in the server's command and environment: {"{dependency.auth}", "127.0.0.1:4711"},
    // {"{upstream.auth}", "4712"}.
    const std::vector<std::pair<std::string, std::string>>& placeholders() const;

    // The times that the faults' windows count from. Only the first call of each has an effect: the faults
    // belong to the first start of the first instance. From any one thread.
    void server_spawned(std::chrono::steady_clock::time_point at);
    void server_ready(std::chrono::steady_clock::time_point at);

    // Resets what is open, ends the thread, completes the history. Safe to call again.
    void stop();

    // After stop(): what the harness itself could not do, such as open another socket; else empty.
    const std::string& problem() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace wsrace
