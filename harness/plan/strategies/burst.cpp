// Everybody begins in the same moment, and goes on as fast as the target answers: what load testers call a
// spike. Now and then it is a crowd: what counts its users (limits, pools, caps) is not met by a few.
#include "plan/strategies/table.hpp"

namespace wsrace::strategy {

Plan burst(const Scenario& scenario, const StrategyInput& input)
{
    auto chosen = input;
    if (chosen.users == 0) chosen.users = draw_crowd(scenario, input.seed, 0.5);
    return Draft{scenario, chosen, "burst"}.finish();
}

} // namespace wsrace::strategy
