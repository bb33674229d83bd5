// A link proxy on its own: `wsrace proxy`.
#pragma once

#include "faults/link_conditions.hpp"

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace wsrace {

struct StandaloneSetup {
    std::string listen;   // HOST:PORT; port 0: one that the kernel chooses
    std::string upstream; // HOST:PORT
    std::vector<LinkFault> faults;
    std::uint64_t seed = 0;
    bool plain_text = true;                                       // false: TLS passes through unread
    std::function<void(const faults::LinkActivation&)> note = {}; // in run()
};

// Listens from construction on. It knows connections, in the order in which they came, and no users.
class StandaloneProxy {
public:
    // Throws std::runtime_error that names the address that cannot be resolved or listened on.
    explicit StandaloneProxy(const StandaloneSetup& setup);
    ~StandaloneProxy();
    StandaloneProxy(const StandaloneProxy&) = delete;
    StandaloneProxy& operator=(const StandaloneProxy&) = delete;

    std::string address() const; // "127.0.0.1:4711"
    bool upstream_is_local() const;

    // Until `stop` is asked for; then resets what is open.
    void run(const std::stop_token& stop);

    std::uint32_t accepted() const;
    std::chrono::steady_clock::time_point start() const;
    const std::string& problem() const; // the first thing that the proxy itself could not do; else empty

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace wsrace
