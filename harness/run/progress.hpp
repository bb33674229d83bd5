// How far a run is, for people who watch: written by workers, read by whoever prints. Nothing is decided by
// it.
#pragma once

#include <atomic>
#include <cstdint>

namespace wsrace {

struct Progress {
    std::atomic<std::uint32_t> arrived{0};   // users
    std::atomic<std::uint32_t> connected{0}; // connections open now
    std::atomic<std::uint32_t> given_up{0};  // connections whose journey ended early
    std::atomic<std::uint32_t> done{0};      // connections whose journey ended, either way
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> frames{0};
    std::atomic<std::uint64_t> runs_ended{0};
    std::atomic<std::uint64_t> awaited_in_vain{0}; // something of the target, until its deadline
    std::atomic<std::uint64_t> suspicious{0};      // canaries of others, ends that nobody asked for

    template <typename Counter>
    static void add(Counter& counter)
    {
        counter.fetch_add(1, std::memory_order_relaxed);
    }
};

} // namespace wsrace
