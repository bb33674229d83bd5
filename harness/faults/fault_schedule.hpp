// When the faults of a dependency act on which of its connections. Pure: time is an argument, and the delays
// come from seeded streams.
#pragma once

#include "scenario/scenario.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace wsrace::faults {

using TimePoint = std::chrono::steady_clock::time_point;

// The first start of the server that depends on it. Not known yet: not yet happened.
struct ServerTimes {
    std::optional<TimePoint> spawned;
    std::optional<TimePoint> ready;
};

// The span of time in which a fault acts, `end` excluded. Before the spawn is known only what acts from the
// spawn on acts, for then the server that connects has just been spawned. TimePoint::max(): not known yet, or
// never.
TimePoint begin_of(const DependencyFault& fault, const ServerTimes& times);
TimePoint end_of(const DependencyFault& fault, const ServerTimes& times);
bool acts_on(const DependencyFault& fault, std::uint32_t connection);

// What all connections of one dependency share. It outlives them.
struct FaultSchedule {
    std::string dependency;
    std::vector<DependencyFault> faults; // of this dependency only, in the scenario's order
    std::uint64_t seed = 0;
    ServerTimes times;
    std::function<void(const std::string& text, TimePoint at)> note; // a fault acts on a connection
};

// The faults as one connection meets them; notes each one that does.
class ConnectionFaults {
public:
    ConnectionFaults(FaultSchedule& schedule, std::uint32_t connection);

    std::uint32_t connection() const { return connection_; }

    // Whether a connection that comes now is closed at once.
    bool refused(TimePoint now);

    // Until when nothing may be passed on, and then ask again; nothing: it may.
    std::optional<TimePoint> held_until(TimePoint now);

    // How long something that the dependency sends now is held back. `answer` counts what it answers: one
    // delay is drawn for each of its answers, however TCP cuts it to pieces, so that the draws depend on
    // seed, dependency, connection and answer alone. Delays that act together add up.
    Duration answer_delay(TimePoint now, std::uint32_t answer);

    // The cut number `fault` of the schedule happens; whether it hits this connection.
    bool cut(std::size_t fault, TimePoint now);

private:
    struct State {
        bool noted = false;                  // hang: once for each connection
        std::optional<std::uint32_t> answer; // delay: the last one for which it was drawn
        Duration delay{};
    };

    bool acts(std::size_t fault, DependencyFault::Kind kind, TimePoint now) const;
    void note(std::string_view what, TimePoint now) const;

    FaultSchedule& schedule_;
    std::uint32_t connection_;
    std::vector<State> states_; // one for each fault of the schedule
};

} // namespace wsrace::faults
