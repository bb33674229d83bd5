// Users arrive around a moment of the server's life: its spawn, its open port, when it says that it is ready,
// when it is told to end and started again.
#include "plan/strategies/table.hpp"

#include <algorithm>

namespace wsrace::strategy {

namespace {

using namespace std::chrono_literals;
using Anchor = Arrival::Anchor;

const LifeCycleFault* first_sigterm(const Plan& plan)
{
    const auto& faults = plan.life_cycle;
    const auto found = std::find_if(faults.begin(), faults.end(), sends_sigterm);
    return found == faults.end() ? nullptr : &*found;
}

// Around the start: half of the users by a log-uniform offset, since the scale of what happens is not known,
// the others anywhere, since a start may take long before anything does.
void around_start(Draft& draft)
{
    auto& plan = draft.plan();
    constexpr std::array anchors{Anchor::spawn, Anchor::port_open, Anchor::port_open, Anchor::ready};
    plan.anchor = anchors[draft.pick("anchor", anchors.size())];
    const auto longest = plan.anchor == Anchor::ready ? Duration{100ms} : Duration{2s};
    const auto together = draft.decides("together", 0.3);
    for (auto& user : plan.users) {
        const auto id = together ? 0 : user.id.value;
        const auto even = draft.decides("anywhere", 0.4, id);
        const auto offset = draft.time("offset", 50us, longest, id);
        user.arrival =
            even ? longest / 1000 * static_cast<std::int64_t>(draft.pick("part", 1000, id)) : offset;
        if (together && draft.decides("not quite", 0.5, user.id.value))
            user.arrival += draft.time("behind", 50us, 20ms, user.id.value);
    }
}

// Around the first SIGTERM, before and after; user 0 is there from the start.
void around_restart(Draft& draft)
{
    auto& plan = draft.plan();
    if (first_sigterm(plan) == nullptr) {
        plan.life_cycle.clear(); // nobody would be there for what comes after the restart
        plan.life_cycle.push_back(
            {.kind = LifeCycleFault::Kind::restart, .at = draft.time("restart", 20ms, 400ms)});
    }
    const auto& fault = *first_sigterm(plan);
    if (fault.after != Anchor::ready) return around_start(draft);
    plan.anchor = Anchor::ready;
    for (auto& user : plan.users) {
        const auto offset = draft.time("around", 50us, 500ms, user.id.value);
        const auto before = draft.decides("before", 0.5, user.id.value);
        user.arrival = before ? std::max(Duration{}, fault.at - offset) : fault.at + offset;
    }
    plan.users.front().arrival = {};
}

void after_sigterm(Draft& draft)
{
    draft.plan().anchor = Anchor::terminating;
    spread_arrivals(draft, 50us, 1s);
}

} // namespace

Plan life_cycle_collision(const Scenario& scenario, const StrategyInput& input)
{
    Draft draft{scenario, input, "life_cycle_collision"};
    const auto ends = first_sigterm(draft.plan()) != nullptr;
    if (draft.decides("start", ends ? 0.2 : 0.6))
        around_start(draft);
    else
        around_restart(draft);
    if (first_sigterm(draft.plan()) != nullptr && draft.decides("after", 0.25)) after_sigterm(draft);
    return std::move(draft).finish();
}

} // namespace wsrace::strategy
