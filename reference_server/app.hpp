// Everything connections share. Built before the threads start, destroyed after they have ended.
#pragma once

#include "reference_server/arrivals.hpp"
#include "reference_server/event_router.hpp"
#include "reference_server/rate_limiter.hpp"
#include "reference_server/registry.hpp"
#include "reference_server/routes.hpp"
#include "reference_server/send_turns.hpp"
#include "reference_server/server.hpp"
#include "reference_server/services.hpp"
#include "reference_server/shared_identity.hpp"
#include "reference_server/store_access.hpp"
#include "reference_server/thread_store.hpp"
#include "reference_server/tool_registry.hpp"

#include <atomic>
#include <cstdint>

namespace wsrace::reference {

struct App {
    explicit App(const Options& given) : options{given} {}

    const Options& options;
    ConnectionRegistry registry{options};
    Arrivals arrivals{options.bugs};
    Routes routes{options.bugs};
    EventRouter router{options.bugs};
    ThreadStore threads{options.bugs};
    ToolRegistry tools{options.bugs, options.step_delay};
    StoreAccess store{options};
    RateLimiter upgrade_limit{options.rate_limit};
    RateLimiter message_limit{options.rate_limit};
    RateLimiter token_uses{1}; // see token_reuse_guard
    std::atomic<std::uint64_t> last_connection{0};
    std::atomic<std::uint64_t> total_connections{0};
    std::atomic<std::size_t> places_taken{0}; // admitted and not yet gone
    Services services{*this};
    SharedIdentity last_identified; // see fail_open
    SendTurns send_turns;           // see slow_consumer_lock
};

} // namespace wsrace::reference
