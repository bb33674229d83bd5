#include "checks/link_losses.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace wsrace {

namespace {

using Slot = std::pair<std::uint32_t, std::uint16_t>; // user, slot
using Positions = std::vector<std::uint32_t>;

bool is_loss(const Event& event)
{
    return event.kind == EventKind::fault && event.has(Flag::link_lost) && event.user != no_user;
}

// The incarnation that was the `number`-th of its slot to get through TCP.
std::optional<std::uint16_t> incarnation_of(const History& history, const Positions& slot,
                                            std::uint16_t number)
{
    for (const auto position : slot) {
        const Event& event = history.events[position];
        if (!event.is_step(StepKind::tcp_connect) || event.outcome != Outcome::ok) continue;
        if (number == 0) return event.incarnation;
        --number;
    }
    return std::nullopt;
}

// What was sent did not get there, or no answer could come back.
bool asks(const Event& step)
{
    return step.is_step(StepKind::request_sent) || step.is_step(StepKind::ping_sent) ||
           step.is_step(StepKind::stop_sent);
}

void cancel(Event& step)
{
    const auto failed = step.outcome != Outcome::ok && step.outcome != Outcome::skipped;
    if (failed || asks(step)) step.outcome = Outcome::cancelled;
}

void rewrite(History& history, const Positions& slot, std::uint32_t loss)
{
    Event& fault = history.events[loss];
    const auto incarnation = incarnation_of(history, slot, fault.incarnation);
    if (!incarnation) return;
    fault.kind = EventKind::step;
    fault.type = static_cast<std::uint8_t>(StepKind::drop);
    fault.outcome = Outcome::ok;
    fault.incarnation = *incarnation;
    fault.value = 0;
    for (const auto position : slot) {
        Event& event = history.events[position];
        if (event.is_step(StepKind::journey_done)) cancel(event);
        if (position < loss || event.incarnation != *incarnation) continue;
        if (event.kind == EventKind::step) cancel(event);
        if (event.kind != EventKind::end || event.end() == EndKind::cancelled) continue;
        event.type = static_cast<std::uint8_t>(EndKind::we_dropped);
        event.value = 0;
    }
}

} // namespace

std::optional<History> with_losses_as_drops(const History& history)
{
    std::map<Slot, Positions> slots; // those that lost a connection
    Positions losses;
    for (std::uint32_t at = 0; at < history.events.size(); ++at) {
        const Event& event = history.events[at];
        if (!is_loss(event)) continue;
        losses.push_back(at);
        slots.try_emplace({event.user, event.slot});
    }
    if (losses.empty()) return std::nullopt;
    for (std::uint32_t at = 0; at < history.events.size(); ++at) {
        const Event& event = history.events[at];
        const auto slot = slots.find({event.user, event.slot});
        const auto counts = event.kind == EventKind::step || event.kind == EventKind::end;
        if (counts && slot != slots.end()) slot->second.push_back(at);
    }
    auto seen = history;
    for (const auto loss : losses) {
        const Event& fault = history.events[loss];
        rewrite(seen, slots.at({fault.user, fault.slot}), loss);
    }
    return seen;
}

} // namespace wsrace
