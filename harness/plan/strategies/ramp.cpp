// Users arrive one after the other at equal intervals, as load testers let them.
#include "plan/strategies/table.hpp"

namespace wsrace::strategy {

Plan ramp(const Scenario& scenario, const StrategyInput& input)
{
    constexpr Duration over = std::chrono::milliseconds{500};
    Draft draft{scenario, input, "ramp"};
    auto& users = draft.plan().users;
    for (std::size_t i = 0; i < users.size(); ++i)
        users[i].arrival =
            std::chrono::duration_cast<std::chrono::microseconds>(over) * i / (users.size() - 1);
    return std::move(draft).finish();
}

} // namespace wsrace::strategy
