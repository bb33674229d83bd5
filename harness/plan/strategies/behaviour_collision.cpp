// One user leaves, breaks off, comes back at once, shares a token, ..., and somebody else's step meets that.
#include "plan/strategies/table.hpp"

namespace wsrace::strategy {

Plan behaviour_collision(const Scenario& scenario, const StrategyInput& input)
{
    Draft draft{scenario, input, "behaviour_collision"};
    add_timely_arrivals(draft);
    add_variations(draft, 0.2);
    if (const auto actor = add_behaviour(draft)) collide_with(draft, *actor);
    return std::move(draft).finish();
}

} // namespace wsrace::strategy
