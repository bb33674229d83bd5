#include "plan/meeting_numbers.hpp"

#include <algorithm>
#include <map>

namespace wsrace {

namespace {

template <typename Wait>
void number_densely(std::vector<Wait>& waits)
{
    std::map<std::uint16_t, std::uint16_t> numbers;
    for (const auto& wait : waits) numbers[wait.number] = 0;
    std::uint16_t next = 0;
    for (auto& [old_number, number] : numbers) number = next++;
    for (auto& wait : waits) wait.number = numbers[wait.number];
}

} // namespace

void tidy_meetings(Plan& plan)
{
    std::erase_if(plan.gates, [](const PlannedGate& gate) { return gate.members.size() < 2; });
    number_densely(plan.gates);
    number_densely(plan.constraints);
}

} // namespace wsrace
