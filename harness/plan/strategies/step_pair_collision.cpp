// One step happens so long after another one of somebody else: the order and the gap that a race needs.
#include "plan/strategies/table.hpp"

namespace wsrace::strategy {

Plan step_pair_collision(const Scenario& scenario, const StrategyInput& input)
{
    Draft draft{scenario, input, "step_pair_collision"};
    add_timely_arrivals(draft);
    add_variations(draft, 0.4);
    if (draft.decides("reopening", 0.3)) add_reopening(draft);
    add_collisions(draft, 1 + (draft.decides("two", 0.3) ? 1 : 0) + (draft.decides("three", 0.1) ? 1 : 0));
    return std::move(draft).finish();
}

} // namespace wsrace::strategy
