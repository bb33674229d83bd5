// Which connections are still being received: what they say waits until they are ready for it.
#pragma once

#include "reference_server/bugs.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace wsrace::reference {

// Any thread. A connection is known by the id of its handshake first, and by its own id when it has been
// admitted.
class Arrivals {
public:
    explicit Arrivals(BugSet bugs) : bugs_{bugs} {}

    void begin(const std::string& handshake_id);
    void admit(const std::string& handshake_id, const std::string& connection_id);

    // Ready, under both ids; nothing happens when it is already.
    void finish(const std::string& handshake_id);

    // It has left.
    void forget(const std::string& connection_id);

    bool arriving(const std::string& connection_id) const;

private:
    struct Machine {
        std::vector<std::string> ids; // gone when it is ready
    };

    const BugSet bugs_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::shared_ptr<Machine>> machines_; // of those who are not ready
};

} // namespace wsrace::reference
