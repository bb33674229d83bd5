#include "reference_server/reception.hpp"

#include "reference_server/app.hpp"
#include "reference_server/frames.hpp"
#include "reference_server/log.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace wsrace::reference {

boost::asio::awaitable<void> receive_connection(App& app, std::shared_ptr<Connection> connection)
{
    app.total_connections.fetch_add(1);
    app.registry.add(connection);
    app.router.add(connection->identity);
    // Bug: the real manager cannot answer yet, so this one does; nobody puts the real one in its place later.
    const bool late = app.options.bugs.has(Bug::emergency_stub) && !app.services.ready();
    if (late) connection->answered_by_stub = true;
    co_await app.services.managers().attach(connection);
    connection->deliver(Outgoing{.run = 0, .sequence = 0, .text = welcome_frame(*connection, app.options)});
    app.routes.adopt(connection);
}

boost::asio::awaitable<void> receive_when_confirmed(App& app, std::shared_ptr<Connection> connection,
                                                    Credentials credentials)
{
    try {
        const auto identity = co_await app.services.auth().identify(std::move(credentials));
        if (!connection->open) co_return;
        if (identity) {
            co_await receive_connection(app, connection);
            co_return;
        }
        connection->close(CloseCode::policy, "no valid token or ticket");
    } catch (const std::exception& error) {
        log_error("reception", fmt::format("{}: {}", connection->id, error.what()));
        connection->close(CloseCode::internal_error, "internal error");
    }
}

void see_off(App& app, Connection& connection, Departure departure, std::vector<Outgoing> unsent)
{
    const auto& user_id = connection.identity.user_id;
    if (departure == Departure::lost) {
        app.routes.lost(connection, std::move(unsent));
    } else {
        app.routes.released(connection);
        if (!connection.runs.empty()) app.services.supervisor().abandon(connection);
    }
    app.registry.remove(connection.id);
    if (app.options.bugs.has(Bug::close_one_closes_all)) {
        // Bug: a user is taken to have one connection, so whatever else is found under the name is a
        // left-over.
        for (const auto& other : app.registry.of_user(user_id)) other->close(CloseCode::normal, "cleaned up");
    }
    app.router.remove(user_id);
    const bool was_last = app.services.managers().detach(connection);
    if (was_last) app.threads.forget(user_id);
}

} // namespace wsrace::reference
