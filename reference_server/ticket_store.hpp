// Tickets: short-lived stand-ins for a token that may appear in a URL.
#pragma once

#include "reference_server/identity.hpp"

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace wsrace::reference {

struct Ticket {
    std::string id;
    std::chrono::sys_seconds expires_at;
};

// Any thread.
class TicketStore {
public:
    Ticket issue(const Identity& owner, std::chrono::seconds ttl, bool single_use);

    // Looks up and uses up in one step, so a single-use ticket admits one of any number of simultaneous
    // callers.
    std::optional<Identity> redeem(const std::string& id);

    // See ticket_double_spend: whose ticket it is; it stays good.
    std::optional<Identity> owner_of(const std::string& id) const;

private:
    struct Entry {
        Identity owner;
        std::chrono::sys_seconds expires_at;
        bool single_use;
    };

    void forget_expired(std::chrono::sys_seconds now);

    mutable std::mutex mutex_;
    std::unordered_map<std::string, Entry> entries_;
    std::chrono::sys_seconds next_cleaning_{};
};

} // namespace wsrace::reference
