// The append-only record of one execution: the only thing that leaves it. Checks and reports read nothing
// else.
#pragma once

#include "core/canary.hpp"
#include "core/event.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace wsrace {

// What was executed: enough to repeat it. The first record of every history file.
struct RunInfo {
    RunId run;
    std::uint64_t seed = 0;
    std::string scenario;        // its name
    std::string scenario_digest; // SHA-256 of its canonical JSON, hex
    std::string plan_digest;     // SHA-256 of the plan's bytes, hex
    std::string version;         // of wsrace
    std::string command;         // that repeats the run
    std::string target;          // URL, without secrets
    std::string started;         // wall clock, ISO 8601
    std::string machine;         // cores, memory, kernel
    std::uint32_t users = 0;     // planned, of this shard
    std::uint32_t first_user = 0;
    std::uint16_t connections = 1; // per user
    std::uint32_t requests = 0;    // planned, all users together
    std::uint16_t instances = 1;   // of a supervised target
    bool interrupted = false;      // the run was ended before its plan was
    bool truncated = false; // a file has no end: the harness crashed or was killed, or the disk was full
};

class History {
public:
    RunInfo info;
    std::vector<Event>
        events; // sorted by `at`; events of one connection keep the order in which they happened

    std::string_view text(Symbol symbol) const;
    Symbol intern(std::string_view text); // for readers and tests; the same text gives the same symbol

    Instant duration() const { return events.empty() ? Instant{} : events.back().at; }

private:
    std::vector<std::string> texts_{std::string{}};
    std::unordered_map<std::string, Symbol> symbols_;
};

// The events of one connection (one incarnation), as positions in History::events.
struct ConnectionTrace {
    ConnectionId id;
    std::vector<std::uint32_t> events;
};

// Every connection that was attempted, ordered by id. Log, life-cycle and login events, gates and
// constraints belong to none.
std::vector<ConnectionTrace> connections_of(const History& history);

} // namespace wsrace
