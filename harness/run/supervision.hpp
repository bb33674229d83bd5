// A supervised target as a whole: its instances, their life, what is measured of them.
#pragma once

#include "core/history.hpp"
#include "plan/plan.hpp"
#include "run/play_target.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

namespace wsrace {

// The instances live on a thread of their own; everything here is called on the owner's, and waits for it.
class Supervision {
public:
    // Scenario and plan must outlive it. Writes history.1000 and the servers' logs into `folder`. Nothing is
    // started yet.
    Supervision(const Scenario& scenario, const Plan& plan, const RunInfo& info,
                const std::filesystem::path& folder, std::chrono::steady_clock::time_point start);
    ~Supervision(); // stops
    Supervision(const Supervision&) = delete;
    Supervision& operator=(const Supervision&) = delete;

    // Starts the instances and returns when the anchor is known that arrivals count from: spawn, port open,
    // ready (of all instances), or the time of the first SIGTERM that a fault will send. Life-cycle faults go
    // on from there by themselves. Empty, or why the target did not come up, with its last output.
    std::string start(const std::stop_token& stop);

    std::chrono::steady_clock::time_point anchor() const;
    PlayTarget target() const; // its board is part of this object

    // All users have left: returns when a server that is still starting has opened its port, and, with the
    // check `baseline` on, when the target is back at its level; or when the time for either is up, or soon
    // after `stop`.
    void users_left(const std::stop_token& stop);

    // Ends the instances, soon if somebody waits who has interrupted the run; then the history is complete.
    // Empty, or what went wrong with the target after start() had returned (it did not come up at all, or not
    // again after a restart). Safe to call again.
    enum class End : std::uint8_t { in_its_own_time, soon };
    std::string stop(End end = End::in_its_own_time);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace wsrace
