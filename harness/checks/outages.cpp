#include "checks/outages.hpp"

#include <algorithm>

namespace wsrace {

namespace {

// Sockets of a dead process are seen to end before its exit is reaped.
constexpr Duration reaping = std::chrono::seconds{1};

// The signals the harness itself ends a target with; every other one is the target's own doing.
bool sent_by_harness(int signal) { return signal == 2 || signal == 9 || signal == 15; }

} // namespace

Outages::Outages(const History& history)
{
    for (const Event& event : history.events) {
        if (event.kind != EventKind::life_cycle) continue;
        const bool down = !outages_.empty() && outages_.back().end == Instant::max();
        switch (event.life_cycle()) {
        case LifeCycle::terminating:
            if (!down) outages_.push_back({event.at, Instant::max(), true});
            break;
        case LifeCycle::exited:
            if (!down) outages_.push_back({event.at - reaping, Instant::max(), false});
            break;
        case LifeCycle::killed:
            if (!down) outages_.push_back({event.at - reaping, Instant::max(), sent_by_harness(event.value)});
            break;
        case LifeCycle::spawned:
        case LifeCycle::port_open:
        case LifeCycle::ready:
            if (down) outages_.back().end = event.at;
            break;
        case LifeCycle::paused:
        case LifeCycle::resumed:
        case LifeCycle::slowed:
        case LifeCycle::restored: break; // still there, only slow
        }
    }
}

bool Outages::ours(Instant at) const
{
    return std::any_of(outages_.begin(), outages_.end(), [at](const Outage& outage) {
        return outage.ours && outage.begin <= at && at <= outage.end;
    });
}

bool Outages::any(Instant at) const
{
    return std::any_of(outages_.begin(), outages_.end(),
                       [at](const Outage& outage) { return outage.begin <= at && at <= outage.end; });
}

} // namespace wsrace
