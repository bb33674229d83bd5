// One or two connections are far behind the others, and others are at times that are drawn: d - 1 changes for
// a race of depth d, which is 2 or 3.
#include "plan/strategies/table.hpp"

namespace wsrace::strategy {

Plan priority_in_time(const Scenario& scenario, const StrategyInput& input)
{
    Draft draft{scenario, input, "priority_in_time"};
    add_timely_arrivals(draft);
    add_variations(draft, 0.3);
    add_priorities(draft, draft.decides("depth 3", 0.4) ? 2 : 1);
    return std::move(draft).finish();
}

} // namespace wsrace::strategy
