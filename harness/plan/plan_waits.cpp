#include "plan/plan_waits.hpp"

namespace wsrace {

namespace {

WaitPlace place_of(const Plan& plan, const PlannedMoment& place)
{
    const auto& journey = plan.journey(*plan.find_user(place.user), place.slot);
    return {place.user.value, place.slot, wait_rank(journey, place.moment, place.step)};
}

} // namespace

std::optional<CircularWait> circular_wait(const Plan& plan)
{
    Waits waits;
    for (std::size_t i = 0; i < plan.constraints.size(); ++i)
        waits.constraints.push_back({.number = i,
                                     .step = place_of(plan, plan.constraints[i].step),
                                     .after = place_of(plan, plan.constraints[i].after)});
    for (std::size_t i = 0; i < plan.gates.size(); ++i) {
        auto& group = waits.groups.emplace_back(Waits::Group{.number = i, .members = {}});
        for (const auto& member : plan.gates[i].members) group.members.push_back(place_of(plan, member));
    }
    return circular_wait(waits);
}

} // namespace wsrace
