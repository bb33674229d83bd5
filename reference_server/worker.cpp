#include "reference_server/worker.hpp"

#include "reference_server/app.hpp"
#include "reference_server/frames.hpp"

#include <mutex>
#include <vector>

namespace wsrace::reference {

namespace net = boost::asio;

namespace {

constexpr auto longest_pulse = std::chrono::milliseconds{1000};
constexpr auto longest_shutdown = std::chrono::seconds{4}; // more than the sessions' own limits

} // namespace

Worker::Worker(const Options& options)
    // Two fifths of the pause between events: a save is normally over when the next event comes.
    : states{io, options.step_delay * 2 / 5}, options_{options}, guard_{net::make_work_guard(io)}, pulse_{io},
      last_resort_{io}
{}

void Worker::run(App& app)
{
    if (app.store.takes_time()) states.use(app.store);
    beat(app);
    io.run();
}

void Worker::shut_down()
{
    leaving_ = true;
    pulse_.cancel();
    const std::vector<Peer*> present{peers_.begin(), peers_.end()};
    for (auto* peer : present) peer->leave();
    guard_.reset();
    if (peers_.empty()) return;
    last_resort_.expires_after(longest_shutdown);
    last_resort_.async_wait([this](const boost::system::error_code& error) {
        if (!error) io.stop();
    });
}

void Worker::add(Peer& peer)
{
    peers_.insert(&peer);
    if (leaving_) peer.leave();
}

void Worker::remove(Peer& peer)
{
    if (gone_) return;
    peers_.erase(&peer);
    if (peers_.empty()) last_resort_.cancel();
}

// One timer for all connections. Each has its own due time, so that they are not all served in one go.
void Worker::beat(App& app)
{
    const auto quarter = std::max(options_.heartbeat / 4, std::chrono::milliseconds{1});
    const bool wanted = options_.heartbeat.count() > 0;
    pulse_.expires_after(wanted ? std::min(longest_pulse, quarter) : longest_pulse);
    pulse_.async_wait([this, &app, wanted](const boost::system::error_code& error) {
        if (error || leaving_) return;
        if (wanted) send_heartbeats(app);
        app.routes.expire();
        beat(app);
    });
}

void Worker::send_heartbeats(App& app)
{
    const auto now = std::chrono::steady_clock::now();
    std::unique_lock<std::mutex> handlers;
    // Bug: no handler may go while their users are told; the registry is asked with this lock in hand, and
    // who connects takes the two the other way round.
    if (options_.bugs.has(Bug::lock_order)) handlers = app.router.hold();
    for (auto* peer : peers_) {
        auto& connection = peer->connection();
        if (!connection.open || connection.next_heartbeat > now) continue;
        connection.next_heartbeat = now + options_.heartbeat;
        if (connection.congested()) continue; // it has enough to read
        const auto connections = app.registry.count_of(connection.identity.user_id);
        connection.deliver(Outgoing{.run = 0, .sequence = 0, .text = heartbeat_frame(connections)});
    }
}

} // namespace wsrace::reference
