#include "checks/outages.hpp"

#include <algorithm>
#include <map>

namespace wsrace {

namespace {

// Sockets of a dead process are seen to end before its exit is reaped, and a loaded harness may see it late.
constexpr Duration reaping = std::chrono::seconds{1};
constexpr Duration quick_start = std::chrono::seconds{1}; // what a server may need until its port is open

// Follows one instance through its lives.
class Watch {
public:
    Watch(std::uint16_t instance, std::vector<Outage>& outages) : instance_(instance), outages_(outages) {}

    void life_cycle(const Event& event)
    {
        switch (event.life_cycle()) {
        case LifeCycle::terminating:
            if (!down()) begin(event.at, true);
            break;
        case LifeCycle::exited:
        case LifeCycle::killed: // by whatever signal: the harness says `terminating` before it sends one
            if (!down()) begin(event.at - reaping, false);
            break;
        case LifeCycle::spawned: spawned(event.at); break;
        case LifeCycle::port_open:
            if (down()) current_.respawned = event.at;
            port_ = std::min(port_, event.at);
            break;
        case LifeCycle::ready: came_back(event.at); break;
        case LifeCycle::paused:
        case LifeCycle::resumed:
        case LifeCycle::slowed:
        case LifeCycle::restored: break; // still there, only slow
        }
    }

    void finish()
    {
        if (starting()) settle(Instant::max());
        if (open_) outages_.push_back(current_);
        open_ = false;
    }

private:
    bool down() const { return open_ && current_.respawned == Instant::max(); }
    bool starting() const { return open_ && !down(); }

    void begin(Instant at, bool ours)
    {
        if (starting()) settle(at, ours);
        finish();
        current_ = {.instance = instance_, .begin = at, .ours = ours};
        open_ = true;
    }

    void spawned(Instant at)
    {
        if (!down()) begin(at, true);
        current_.respawned = at;
        port_ = Instant::max();
    }

    void came_back(Instant at)
    {
        if (!open_) return;
        if (down()) current_.respawned = at;
        current_.end = at;
        finish();
    }

    // It never said that it was ready: by its port then, and if that never opened, it had its chance at once,
    // unless it was told to end so soon that nobody knows.
    void settle(Instant over, bool ours = false)
    {
        if (current_.end != Instant::max()) return;
        const bool cut_short = ours && over - current_.respawned < quick_start;
        if (port_ != Instant::max())
            current_.end = std::min(port_, over);
        else
            current_.end = cut_short ? over : current_.respawned;
    }

    std::uint16_t instance_;
    std::vector<Outage>& outages_;
    Outage current_;
    bool open_ = false;
    Instant port_ = Instant::max();
};

} // namespace

Outages::Outages(const History& history)
    : instances_(std::max<std::uint16_t>(history.info.instances, 1)), ingress_(history)
{
    std::map<std::uint16_t, Watch> watches;
    for (const Event& event : history.events)
        if (event.kind == EventKind::life_cycle)
            watches.try_emplace(event.slot, event.slot, outages_).first->second.life_cycle(event);
    for (auto& [instance, watch] : watches) watch.finish();
    std::stable_sort(outages_.begin(), outages_.end(), [](const Outage& a, const Outage& b) {
        return a.instance != b.instance ? a.instance < b.instance : a.begin < b.begin;
    });
}

std::vector<std::uint16_t> Outages::serving(UserId user, Instant at) const
{
    std::vector<std::uint16_t> out;
    if (ingress_.any()) return ingress_.instances_of(user, at);
    for (std::uint32_t k = 0; k < instances_; ++k) {
        const auto instance = static_cast<std::uint16_t>((user.value + k) % instances_);
        out.push_back(instance);
        const bool was_down = std::any_of(outages_.begin(), outages_.end(), [&](const Outage& outage) {
            return outage.instance == instance && outage.begin <= at && outage.begin != outage.respawned;
        });
        if (!was_down) break;
    }
    return out;
}

template <typename Holds>
bool Outages::any_of(UserId user, Instant at, Holds&& holds) const
{
    if (outages_.empty()) return false;
    if (instances_ == 1 && !ingress_.any()) return std::any_of(outages_.begin(), outages_.end(), holds);
    const auto candidates = serving(user, at);
    return std::any_of(outages_.begin(), outages_.end(), [&](const Outage& outage) {
        return std::find(candidates.begin(), candidates.end(), outage.instance) != candidates.end() &&
               holds(outage);
    });
}

bool Outages::ours(UserId user, Instant at) const
{
    return any_of(user, at, [at](const Outage& outage) {
        return outage.ours && outage.begin <= at && at < outage.respawned;
    });
}

bool Outages::any(UserId user, Instant at) const
{
    return any_of(user, at,
                  [at](const Outage& outage) { return outage.begin <= at && at < outage.respawned; });
}

bool Outages::refuses_by_right(UserId user, Instant at) const
{
    return any_of(user, at, [at](const Outage& outage) {
        return outage.ours && outage.begin <= at && at < outage.end;
    });
}

bool Outages::took_along(UserId user, Instant opened, Instant at) const
{
    return any_of(user, at, [opened, at](const Outage& outage) {
        if (!outage.ours || at < outage.begin || outage.begin == outage.respawned) return false;
        if (at < outage.respawned) return true;
        return opened < outage.respawned && at - outage.respawned <= reaping;
    });
}

bool Outages::between(UserId user, Instant from, Instant to) const
{
    return any_of(user, to, [from, to](const Outage& outage) {
        const bool down = outage.begin != outage.respawned;
        return outage.ours && down && outage.begin <= to && outage.respawned >= from;
    });
}

Pauses::Pauses(const History& history) : outages_(history), unread_(history)
{
    std::map<std::uint16_t, Pause> open;
    const auto finish = [&](std::uint16_t instance, Instant at) {
        const auto found = open.find(instance);
        if (found == open.end()) return;
        found->second.end = at;
        pauses_.push_back(found->second);
        open.erase(found);
    };
    for (const Event& event : history.events) {
        if (event.kind != EventKind::life_cycle) continue;
        if (event.life_cycle() == LifeCycle::paused)
            open.try_emplace(event.slot, Pause{event.slot, event.at, Instant::max()});
        if (event.life_cycle() == LifeCycle::resumed || event.life_cycle() == LifeCycle::spawned ||
            event.life_cycle() == LifeCycle::exited || event.life_cycle() == LifeCycle::killed)
            finish(event.slot, event.at);
    }
    while (!open.empty()) finish(open.begin()->first, Instant::max());
}

Duration Pauses::within(UserId user, Instant from, Instant to) const
{
    if (pauses_.empty() || to <= from) return {};
    Duration longest{};
    for (const auto instance : outages_.serving(user, to)) {
        Duration stopped{};
        for (const Pause& pause : pauses_)
            if (pause.instance == instance)
                stopped += std::max(std::min(pause.end, to) - std::max(pause.begin, from), Duration{});
        longest = std::max(longest, stopped);
    }
    return longest;
}

Duration Pauses::within(UserId user, SlotId slot, Instant from, Instant to) const
{
    return std::max(within(user, from, to), unread_.within(user, slot, from, to));
}

} // namespace wsrace
