// Everybody begins in the same moment, and goes on as fast as the target answers: what load testers call a
// spike.
#include "plan/strategies/table.hpp"

namespace wsrace::strategy {

Plan burst(const Scenario& scenario, const StrategyInput& input)
{
    return Draft{scenario, input, "burst"}.finish();
}

} // namespace wsrace::strategy
