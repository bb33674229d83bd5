// Some steps are late by times of any order of magnitude: the scale of a server's own gaps is not known.
#include "plan/strategies/table.hpp"

namespace wsrace::strategy {

Plan log_uniform_jitter(const Scenario& scenario, const StrategyInput& input)
{
    using namespace std::chrono_literals;
    Draft draft{scenario, input, "log_uniform_jitter"};
    add_timely_arrivals(draft);
    add_variations(draft, 0.3);
    if (draft.decides("arrivals", 0.5)) spread_arrivals(draft, 50us, 100ms);
    add_jitter(draft, {.log_uniform = true, .low = 50us, .high = 200ms, .count = 4});
    return std::move(draft).finish();
}

} // namespace wsrace::strategy
