// The faults of a dependency as conditions of a connection to it.
#pragma once

#include "faults/conditions.hpp"
#include "faults/fault_schedule.hpp"

namespace wsrace::faults {

class DependencyConditions final : public Conditions {
public:
    // `schedule` outlives it.
    DependencyConditions(FaultSchedule& schedule, std::uint32_t connection, TimePoint accepted);

    bool refused(TimePoint now) { return faults_.refused(now); }

    std::optional<TimePoint> held_until(Direction way, TimePoint now) override;
    void take(Direction way, std::string_view bytes, TimePoint now, std::deque<Chunk>& out) override;
    void passed(Direction way) override;
    std::optional<TimePoint> next_act() override;
    Act act(TimePoint now) override;

private:
    FaultSchedule& schedule_;
    ConnectionFaults faults_;
    TimePoint looked_;          // cuts until then have happened, or came before the connection
    bool asked_ = true;         // something was passed to the dependency since its last answer began
    std::uint32_t answers_ = 0; // begun
};

} // namespace wsrace::faults
