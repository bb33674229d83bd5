#include "run/meetings.hpp"

namespace wsrace {

namespace {

std::uint64_t key_of(UserId user, std::uint16_t slot) { return std::uint64_t{user.value} << 16U | slot; }

} // namespace

Meetings::Meetings(const Plan& plan, std::size_t workers) : board_{plan, workers}
{
    for (const auto& planned : plan.gates) {
        auto* const gate = gates_.emplace_back(std::make_unique<Gate>(planned, workers)).get();
        for (const auto& member : planned.members)
            part(member).gates.push_back({.step = member.step, .moment = member.moment, .gate = gate});
    }
    for (std::uint32_t number = 0; number < plan.constraints.size(); ++number) {
        const auto& step = plan.constraints[number].step;
        part(step).bounds.push_back({.step = step.step, .moment = step.moment, .constraint = number});
    }
    for (std::uint32_t watch = 0; watch < board_.watch_count(); ++watch) {
        const auto& place = board_.moment(watch);
        part(place).watched.push_back({.step = place.step, .moment = place.moment, .watch = watch});
    }
}

void Meetings::attach(std::size_t worker, DeadlineQueue& deadlines, Recorder& recorder)
{
    for (const auto& gate : gates_) gate->attach(worker, deadlines, recorder);
    board_.attach(worker, deadlines.executor());
}

const Meetings::Part* Meetings::part_of(UserId user, std::uint16_t slot) const
{
    const auto found = parts_.find(key_of(user, slot));
    return found == parts_.end() ? nullptr : &found->second;
}

Meetings::Part& Meetings::part(const PlannedMoment& place) { return parts_[key_of(place.user, place.slot)]; }

} // namespace wsrace
