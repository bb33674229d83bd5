// Connections wait for each other with all but the last byte of an upgrade or a message on the wire: the
// sharpest "at the same time" there is.
#include "plan/strategies/table.hpp"

namespace wsrace::strategy {

Plan byte_barrier(const Scenario& scenario, const StrategyInput& input)
{
    Draft draft{scenario, input, "byte_barrier"};
    add_timely_arrivals(draft);
    add_variations(draft, 0.3);
    const std::size_t gates = draft.decides("two gates", 0.35) ? 2 : 1;
    for (std::size_t number = 0; number < gates; ++number) add_barrier(draft, number);
    return std::move(draft).finish();
}

} // namespace wsrace::strategy
