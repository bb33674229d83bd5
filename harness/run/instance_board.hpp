// Which instances of a supervised target the harness itself has taken down at the moment: written by the
// thread that supervises them, read by users who want to connect.
#pragma once

#include "core/ids.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

namespace wsrace {

class InstanceBoard {
public:
    explicit InstanceBoard(std::size_t instances) : down_(instances) {}

    void set_down(std::size_t instance, bool down) { down_[instance].store(down, std::memory_order_relaxed); }

    // A user's own instance, or the next one that is not down; its own when all are.
    std::size_t serving(UserId user) const
    {
        for (std::size_t i = 0; i < down_.size(); ++i) {
            const auto instance = (user.value + i) % down_.size();
            if (!down_[instance].load(std::memory_order_relaxed)) return instance;
        }
        return user.value % down_.size();
    }

    bool is_down(std::size_t instance) const { return down_[instance].load(std::memory_order_relaxed); }

private:
    std::vector<std::atomic<bool>> down_;
};

} // namespace wsrace
