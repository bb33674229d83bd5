// Whoever was identified last: one user's identity, left over from a server that had one user at a time.
#pragma once

#include "reference_server/identity.hpp"

#include <mutex>
#include <optional>

namespace wsrace::reference {

// Any thread.
class SharedIdentity {
public:
    void set(const Identity& identity)
    {
        const std::lock_guard lock{mutex_};
        identity_ = identity;
    }

    std::optional<Identity> get() const
    {
        const std::lock_guard lock{mutex_};
        return identity_;
    }

private:
    mutable std::mutex mutex_;
    std::optional<Identity> identity_;
};

} // namespace wsrace::reference
