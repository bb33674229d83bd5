#include "reference_server/health.hpp"

#include "reference_server/app.hpp"

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

} // namespace wsrace::reference
