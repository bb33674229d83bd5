#include "plan/strategies/parts.hpp"

#include <algorithm>

namespace wsrace {

namespace {

using namespace std::chrono_literals;
using Anchor = Arrival::Anchor;

constexpr Duration unknown_span = 2s;      // if the scenario does not say how long its users arrive
constexpr Duration shortest_behind = 50us; // of those who come together
constexpr Duration longest_behind = 20ms;

template <typename Fault>
bool is_timed(const Fault& fault)
{
    return fault.from > Duration{} || fault.until < Duration::max();
}

// Whether the target, or what surrounds it, is not the same all the time.
bool changes(const Scenario& scenario)
{
    const auto after = scenario.arrival.after;
    return after == Anchor::spawn || after == Anchor::port_open ||
           std::any_of(scenario.dependency_faults.begin(), scenario.dependency_faults.end(),
                       [](const DependencyFault& fault) { return is_timed(fault); }) ||
           std::any_of(scenario.link_faults.begin(), scenario.link_faults.end(), [](const LinkFault& fault) {
               return fault.since == LinkFault::Since::start && is_timed(fault);
           });
}

} // namespace

void add_timely_arrivals(Draft& draft)
{
    auto& plan = draft.plan();
    const auto spread = std::any_of(plan.users.begin(), plan.users.end(),
                                    [](const PlannedUser& user) { return user.arrival > Duration{}; });
    if (!changes(draft.scenario()) || spread || draft.decides("all at the start", 0.2)) return;
    const auto over = draft.scenario().arrival.over;
    const auto span = over > Duration{} ? over : unknown_span;
    const auto together = draft.decides("come together", 0.4);
    constexpr std::size_t parts = 1000;
    for (auto& user : plan.users) {
        const auto part = draft.pick("part of the span", parts, together ? 0 : user.id.value + 1);
        user.arrival = span / parts * part;
        if (together)
            user.arrival += draft.time("behind others", shortest_behind, longest_behind, user.id.value);
    }
}

} // namespace wsrace
