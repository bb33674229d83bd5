// Everything connections share. Built before the threads start, destroyed after they have ended.
#pragma once

#include "reference_server/event_router.hpp"
#include "reference_server/rate_limiter.hpp"
#include "reference_server/registry.hpp"
#include "reference_server/routes.hpp"
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
    ConnectionRegistry registry{options.bugs};
    Routes routes;
    EventRouter router{options.bugs};
    ThreadStore threads;
    ToolRegistry tools{options.bugs, options.step_delay};
    StoreAccess store{options};
    RateLimiter upgrade_limit{options.rate_limit};
    RateLimiter message_limit{options.rate_limit};
    std::atomic<std::uint64_t> last_connection{0};
    std::atomic<std::uint64_t> total_connections{0};
    std::atomic<std::size_t> places_taken{0}; // admitted and not yet gone
    Services services{*this};
    SharedIdentity last_identified; // see fail_open
};

} // namespace wsrace::reference
