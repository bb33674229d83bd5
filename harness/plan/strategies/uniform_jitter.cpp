// Some steps are a little late, by times of one order of magnitude.
#include "plan/strategies/table.hpp"

namespace wsrace::strategy {

Plan uniform_jitter(const Scenario& scenario, const StrategyInput& input)
{
    using namespace std::chrono_literals;
    Draft draft{scenario, input, "uniform_jitter"};
    add_timely_arrivals(draft);
    add_variations(draft, 0.3);
    add_jitter(draft,
               {.log_uniform = false, .low = 0ms, .high = draft.time("amplitude", 1ms, 100ms), .count = 4});
    return std::move(draft).finish();
}

} // namespace wsrace::strategy
