#include "faults/dependency_conditions.hpp"

#include <algorithm>

namespace wsrace::faults {

using Kind = DependencyFault::Kind;

DependencyConditions::DependencyConditions(FaultSchedule& schedule, std::uint32_t connection,
                                           TimePoint accepted)
    : schedule_{schedule}, faults_{schedule, connection}, looked_{accepted}
{}

std::optional<TimePoint> DependencyConditions::held_until(Direction, TimePoint now)
{
    return faults_.held_until(now);
}

// A delay is drawn for each answer, not for each piece that TCP makes of it.
void DependencyConditions::take(Direction way, std::string_view bytes, TimePoint now, std::deque<Chunk>& out)
{
    auto due = now;
    if (way == Direction::down) {
        if (asked_) ++answers_;
        asked_ = false;
        due += faults_.answer_delay(now, answers_ - 1);
    }
    auto& chunk = out.emplace_back();
    chunk.bytes = bytes;
    chunk.due = due;
}

void DependencyConditions::passed(Direction way)
{
    if (way == Direction::up) asked_ = true;
}

std::optional<TimePoint> DependencyConditions::next_act()
{
    std::optional<TimePoint> next;
    for (const auto& fault : schedule_.faults) {
        if (fault.kind != Kind::cut) continue;
        const auto at = begin_of(fault, schedule_.times);
        if (at > looked_) next = std::min(next.value_or(at), at);
    }
    return next;
}

Act DependencyConditions::act(TimePoint now)
{
    auto happens = Act::nothing;
    for (std::size_t i = 0; i < schedule_.faults.size(); ++i) {
        if (schedule_.faults[i].kind != Kind::cut) continue;
        const auto at = begin_of(schedule_.faults[i], schedule_.times);
        if (looked_ < at && at <= now && faults_.cut(i, now)) happens = Act::reset;
    }
    looked_ = std::max(looked_, now);
    return happens;
}

} // namespace wsrace::faults
