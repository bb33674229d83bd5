#include "reference_server/reception.hpp"

#include "reference_server/app.hpp"
#include "reference_server/frames.hpp"
#include "reference_server/log.hpp"
#include "reference_server/pause.hpp"
#include "reference_server/roll_call.hpp"
#include "reference_server/worker.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace wsrace::reference {

namespace net = boost::asio;

namespace {

void report(std::exception_ptr failure)
{
    if (failure) log_error("reception", "ended by an exception");
}

// What was kept has to be read first, which takes --bug-window; what comes in the meantime is kept, too.
net::awaitable<void> resume_runs(App& app, std::shared_ptr<Connection> connection)
{
    co_await call_roll(app, connection);
    if (!connection->open) co_return;
    const bool missed_some = app.routes.has_kept(connection->identity.user_id);
    if (missed_some && app.options.bugs.has(Bug::replay_races_live)) {
        // Bug: live events take the new way at once, and what was missed follows when it has been read.
        auto missed = app.routes.take_over(connection);
        co_await pause(app.options.bug_window);
        for (auto& frame : missed) connection->deliver(std::move(frame));
        co_return;
    }
    if (missed_some) co_await pause(app.options.bug_window);
    if (connection->open) app.routes.adopt(connection);
}

// Tidying up takes --bug-window, and the user may be back before it is done.
net::awaitable<void> clean_up(App& app, std::shared_ptr<Connection> connection,
                              std::vector<std::uint64_t> runs)
{
    co_await pause(app.options.bug_window);
    const auto& user_id = connection->identity.user_id;
    app.routes.sweep(*connection, runs);
    app.registry.remove(*connection);
    if (app.options.bugs.has(Bug::close_one_closes_all)) {
        // Bug: a user is taken to have one connection, so whatever else is found under the name is a
        // left-over.
        for (const auto& other : app.registry.of_user(user_id)) other->close(CloseCode::normal, "cleaned up");
    }
    app.router.remove(user_id);
    const bool was_last = app.services.managers().detach(*connection);
    if (was_last) app.threads.forget(user_id);
}

} // namespace

net::awaitable<bool> confirm_connection(App& app, std::shared_ptr<Connection> connection,
                                        Credentials credentials)
{
    const auto identity = co_await app.services.auth().identify(std::move(credentials));
    if (!identity) connection->close(CloseCode::policy, "no valid token or ticket");
    co_return identity.has_value();
}

void enter_connection(App& app, const std::shared_ptr<Connection>& connection)
{
    connection->entered = true;
    app.total_connections.fetch_add(1);
    const auto add_handler = [&] { app.router.add(connection->identity); };
    if (app.options.bugs.has(Bug::lock_order)) {
        // Bug: for nobody to find the one without the other, the second lock is taken under the first, which
        // the heartbeat does the other way round.
        app.registry.add(connection, add_handler);
    } else {
        app.registry.add(connection);
        add_handler();
    }
    // Bug: the real manager cannot answer yet, so this one does; nobody puts the real one in its place later.
    const bool late = app.options.bugs.has(Bug::emergency_stub) && !app.services.ready();
    if (late) connection->answered_by_stub = true;
    app.arrivals.begin(connection->handshake_id);
    const bool ready = app.services.managers().enter(*connection);
    if (ready) app.arrivals.finish(connection->handshake_id);
    app.arrivals.admit(connection->handshake_id, connection->id);
}

net::awaitable<void> receive_connection(App& app, std::shared_ptr<Connection> connection)
{
    if (!connection->open) co_return;
    co_await app.services.managers().attach(connection);
    if (!connection->open) co_return;
    app.arrivals.finish(connection->handshake_id);
    connection->deliver(Outgoing{.run = 0, .sequence = 0, .text = welcome_frame(*connection, app.options)});
    const auto executor = co_await net::this_coro::executor;
    net::co_spawn(executor, resume_runs(app, connection), report);
}

void see_off(App& app, Worker& worker, const std::shared_ptr<Connection>& connection, Departure departure,
             std::vector<Outgoing> unsent)
{
    if (!connection->entered) return;
    app.arrivals.finish(connection->handshake_id);
    app.arrivals.forget(connection->id);
    auto runs = connection->routes;
    // Bug: the runs go on, and what they send is still addressed to this connection.
    const bool addressed = app.options.bugs.has(Bug::reconnect_loses_rest);
    if (departure == Departure::lost && !addressed) {
        app.routes.lost(*connection, std::move(unsent));
    } else {
        app.routes.released(*connection);
    }
    const bool on_purpose = departure == Departure::on_purpose;
    if (on_purpose && !connection->runs.empty()) app.services.supervisor().abandon(*connection);
    net::co_spawn(worker.io, clean_up(app, connection, std::move(runs)), report);
}

} // namespace wsrace::reference
