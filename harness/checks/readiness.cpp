#include "checks/readiness.hpp"

#include <algorithm>

namespace wsrace {

Readiness::Readiness(const History& history, bool by_word)
{
    const auto says_ready = [](const Event& event) {
        return event.kind == EventKind::life_cycle && event.life_cycle() == LifeCycle::ready;
    };
    port_speaks_ = !by_word && std::none_of(history.events.begin(), history.events.end(), says_ready);
    for (const Event& event : history.events) {
        if (event.kind != EventKind::life_cycle) continue;
        auto& changes = changes_[event.slot];
        switch (event.life_cycle()) {
        case LifeCycle::spawned: changes.push_back({event.at, State::starting}); break;
        case LifeCycle::port_open:
            if (port_speaks_) changes.push_back({event.at, State::ready});
            break;
        case LifeCycle::ready: changes.push_back({event.at, State::ready}); break;
        case LifeCycle::terminating: changes.push_back({event.at, State::ending}); break;
        case LifeCycle::exited:
        case LifeCycle::killed: changes.push_back({event.at, State::gone}); break;
        case LifeCycle::paused:
        case LifeCycle::resumed:
        case LifeCycle::slowed:
        case LifeCycle::restored: break;
        }
    }
}

const Readiness::Change* Readiness::last_change(std::uint16_t instance, Instant at) const
{
    const auto found = changes_.find(instance);
    if (found == changes_.end()) return nullptr;
    const auto& changes = found->second;
    const auto next = std::upper_bound(changes.begin(), changes.end(), at,
                                       [](Instant when, const Change& change) { return when < change.at; });
    return next == changes.begin() ? nullptr : &*std::prev(next);
}

bool Readiness::starting(std::uint16_t instance, Instant at) const
{
    const Change* last = last_change(instance, at);
    return last != nullptr && last->state == State::starting;
}

bool Readiness::ending(std::uint16_t instance, Instant at) const
{
    const Change* last = last_change(instance, at);
    return last != nullptr && last->state == State::ending;
}

std::optional<Instant> Readiness::said_ready(std::uint16_t instance, Instant at) const
{
    const Change* last = last_change(instance, at);
    if (port_speaks_ || last == nullptr || last->state != State::ready) return std::nullopt;
    return last->at;
}

} // namespace wsrace
