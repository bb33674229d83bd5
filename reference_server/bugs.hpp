// The seeded bugs by name. Each is a real mistake in the place where it would really be made; `has` guards
// it.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>

namespace wsrace::reference {

enum class Bug : std::uint8_t {
    shared_manager,
    first_match_router,
    head_of_line,
    masked_failure,
    thread_as_address,
    close_one_closes_all,
    accept_before_supervisor,
    two_emitters,
    swapped_payload,
    unlocked_registry,
    unawaited_manager,
    recursive_manager,
    emergency_stub,
    first_use_init,
    queue_then_drop,
    cascading_waits,
    accept_before_ready,
    fail_open,
    silent_agent_death,
    manager_cap_leak,
    two_state_machines,
    send_after_close,
    manager_per_message,
    stale_context,
    dual_path,
    last_thread_wins,
    ttl_eviction,
    late_cleanup,
    reconnect_loses_rest,
    replay_races_live,
    retry_reorders,
    slow_consumer_lock,
    ticket_double_spend,
    token_reuse_guard,
    shared_rate_limit,
    lock_order,
};

// A value: set up before the server starts, never changed while it runs.
class BugSet {
public:
    bool has(Bug bug) const noexcept { return bits_[static_cast<std::size_t>(bug)]; }
    void add(Bug bug) noexcept { bits_[static_cast<std::size_t>(bug)] = true; }
    bool none() const noexcept { return bits_.none(); }
    bool operator==(const BugSet&) const = default;

private:
    std::bitset<64> bits_;
};

} // namespace wsrace::reference
