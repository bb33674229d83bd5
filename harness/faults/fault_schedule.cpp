#include "faults/fault_schedule.hpp"

#include "core/draw.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wsrace::faults {

using Kind = DependencyFault::Kind;

namespace {

TimePoint after(const std::optional<TimePoint>& spawned, Duration offset)
{
    if (!spawned || offset > TimePoint::max() - *spawned) return TimePoint::max();
    return *spawned + offset;
}

} // namespace

TimePoint begin_of(const DependencyFault& fault, const ServerTimes& times)
{
    if (fault.during_start || fault.from == Duration{}) return TimePoint::min();
    return after(times.spawned, fault.from);
}

TimePoint end_of(const DependencyFault& fault, const ServerTimes& times)
{
    if (fault.during_start) return times.ready.value_or(TimePoint::max());
    return after(times.spawned, fault.until);
}

bool acts_on(const DependencyFault& fault, std::uint32_t connection)
{
    return fault.first_connection <= connection && connection <= fault.last_connection;
}

ConnectionFaults::ConnectionFaults(FaultSchedule& schedule, std::uint32_t connection)
    : schedule_{schedule}, connection_{connection}, states_(schedule.faults.size())
{}

bool ConnectionFaults::acts(std::size_t fault, Kind kind, TimePoint now) const
{
    const auto& what = schedule_.faults[fault];
    return what.kind == kind && acts_on(what, connection_) && begin_of(what, schedule_.times) <= now &&
           now < end_of(what, schedule_.times);
}

void ConnectionFaults::note(std::string_view what, TimePoint now) const
{
    schedule_.note(fmt::format("dependency {}: {}, connection {}", schedule_.dependency, what, connection_),
                   now);
}

bool ConnectionFaults::refused(TimePoint now)
{
    for (std::size_t i = 0; i < states_.size(); ++i) {
        if (!acts(i, Kind::refuse, now)) continue;
        note("refuse", now);
        return true;
    }
    return false;
}

std::optional<TimePoint> ConnectionFaults::held_until(TimePoint now)
{
    std::optional<TimePoint> until;
    for (std::size_t i = 0; i < states_.size(); ++i) {
        if (!acts(i, Kind::hang, now)) continue;
        if (!states_[i].noted) note("hang", now);
        states_[i].noted = true;
        const auto end = end_of(schedule_.faults[i], schedule_.times);
        until = std::max(until.value_or(end), end);
    }
    return until;
}

Duration ConnectionFaults::answer_delay(TimePoint now, std::uint32_t answer)
{
    Duration sum{};
    for (std::size_t i = 0; i < states_.size(); ++i) {
        if (!acts(i, Kind::delay, now)) continue;
        auto& state = states_[i];
        if (state.answer != answer) {
            auto random = random_stream(schedule_.seed, "dependency delay " + schedule_.dependency,
                                        std::uint64_t{i} << 32U | connection_, answer);
            state.answer = answer;
            state.delay = draw(schedule_.faults[i].delay, random);
            note("delay " + format_duration(state.delay), now);
        }
        sum += state.delay;
    }
    return sum;
}

bool ConnectionFaults::cut(std::size_t fault, TimePoint now)
{
    const auto& what = schedule_.faults[fault];
    if (what.kind != Kind::cut || !acts_on(what, connection_)) return false;
    note("cut", now);
    return true;
}

} // namespace wsrace::faults
