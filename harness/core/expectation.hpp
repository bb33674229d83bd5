// What must hold: the part of a scenario that checks read.
#pragma once

#include "core/event.hpp"
#include "core/run_events.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace wsrace {

// Every wait has a limit, and it comes from here (scenario field `deadlines`).
struct Deadlines {
    Duration login = std::chrono::seconds{10};
    Duration connect = std::chrono::seconds{5};     // TCP, and TLS on top
    Duration handshake = std::chrono::seconds{5};   // upgrade sent to 101
    Duration welcome = std::chrono::seconds{5};     // 101 to welcome
    Duration first_event = std::chrono::seconds{5}; // request to its first event
    Duration event_gap = std::chrono::seconds{5};   // between two events of a run
    Duration run = std::chrono::seconds{30};        // request to its terminal event
    Duration ping = std::chrono::seconds{2};
    Duration stop = std::chrono::seconds{2}; // stop_agent to the terminal event
    Duration close = std::chrono::seconds{5};
    Duration retry =
        std::chrono::seconds{30}; // how long a refused attempt is repeated as the target asks (Retry-After)
    Duration baseline =
        std::chrono::seconds{5}; // after the last user left: until the target is back at its level
    Duration total = std::chrono::minutes{5}; // the whole execution
};

// By how much a supervised target may lie above its level before the load, once all users have left
// (`baseline`). Its own counters must be back exactly.
struct BaselineMargins {
    std::uint32_t sockets = 8;  // its statistics are asked on one; pools are filled when they are first used
    std::uint32_t threads = 16; // likewise: thread pools of Python, Node, Go
    double memory_share = 0.25; // of the level before
    std::uint32_t memory_kib = 65'536; // and this much besides: allocators keep what they once had
};

struct CheckSetting {
    bool enabled = true;
    bool required = true; // inconclusive then makes the run inconclusive
    std::string reason;   // why it is off
};

// A service level: both limits in the metric's own unit (a failure rate, nanoseconds, events per hour).
// Unset: not judged.
struct Limits {
    std::optional<double> warning;
    std::optional<double> critical;
};

// Defaults are the product's (checks.md, "Thresholds").
struct Thresholds {
    Limits connection_failures{0.01, 0.05}; // rates
    Limits golden_path_failures{0.02, 0.10};
    std::optional<Duration> event_latency_p95 = std::chrono::milliseconds{100}; // at or above: warning
    std::optional<Duration> event_latency_p99 = std::chrono::milliseconds{500}; // at or above: critical
    Limits events_missing_per_hour{1.0, 5.0};
};

// To which of a user's connections the events of a run go.
enum class RoutingPolicy { starter, all_connections };

// A starting gate or a constraint, as the judgement needs it: the schedule that the harness itself must keep.
struct Meeting {
    std::string text; // "gate 0 at upgrade_sent", "constraint 1 (connect after close)": as reports name it
    Duration tolerance{};
};

struct Expectations {
    Deadlines deadlines;
    std::map<std::string, CheckSetting>
        checks; // by id; one that is not named is on and required where it applies
    std::set<int> forbidden_close_codes{1011};
    std::set<int> expected_close_codes; // codes with which the target may end a connection on its own, e.g.
                                        // 1001 at its shutdown
    RoutingPolicy routing = RoutingPolicy::starter;
    RunEvents run_events; // the profile's
    Thresholds thresholds;
    std::optional<Duration> event_interval; // declared by the scenario: event k of a run (from 0) is due k
                                            // intervals after its request
    std::vector<std::string> log_patterns;  // in addition to the default ones of `server_log`
    bool failed_runs_allowed = false; // five_events: a run may end with agent_error, a request may be refused
    bool server_output = false;       // the target's output is captured (a supervised target)
    bool ready_by_word = false; // `ready` was learnt from what the target said (HTTP, log), not from its port
    BaselineMargins baseline;
    std::vector<Meeting> gates; // by number
    std::vector<Meeting> constraints;
    Duration idle_after =
        std::chrono::seconds{5}; // idle_delivery: a connection this old must still get events
};

} // namespace wsrace
