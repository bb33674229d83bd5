#include "reference_server/health.hpp"

#include "reference_server/app.hpp"
#include "reference_server/log.hpp"

namespace wsrace::reference {

boost::json::object counters(App& app)
{
    return {{"active_connections", app.registry.size()},
            {"total_connections", app.total_connections.load()},
            {"active_runs", app.services.active_runs()},
            {"managers", app.services.active_managers()}};
}

HttpReply not_ready_reply(const App& app)
{
    auto reply = error_reply(503, "not_ready", "the server is still starting");
    reply.retry_after = app.services.time_left();
    return reply;
}

HttpReply unavailable_reply(const DependencyFailure& failure)
{
    log_warning("auth", failure.what());
    auto reply = error_reply(503, "auth_unavailable", "authentication does not answer");
    reply.retry_after = std::chrono::seconds{1};
    return reply;
}

} // namespace wsrace::reference
