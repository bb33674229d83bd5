// What a run proved. Shapes only; checks/ fills them, reports/ write them.
#pragma once

#include "core/event.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

enum class Verdict { pass, fail, inconclusive, skipped };
std::string_view name(Verdict verdict);

// One thing that went wrong, with what proves it.
struct Violation {
    std::string check;     // id of the check
    std::string signature; // stable across runs and users: "isolation: foreign canary in agent_thinking at
                           // /payload/reasoning"
    std::string message;   // what happened: names user, connection, request, frame, time
    std::string expected;  // what would have been right
    std::optional<ConnectionId> connection;
    std::optional<std::uint16_t> request;
    std::optional<UserId> other_user; // isolation: whose data it was
    Instant at{};
    std::vector<std::uint32_t> evidence; // positions in History::events, in order, at most 16
};

struct CheckResult {
    std::string id;
    Verdict verdict = Verdict::inconclusive;
    std::uint64_t sample_size = 0; // how many `sample_unit` were judged
    std::string sample_unit;       // "connections", "runs", "frames", ...
    std::string reason;            // of inconclusive and skipped, else empty
    std::uint64_t violation_count = 0;
    std::vector<Violation> violations; // at most `kept_violations`, the first by time; the count is complete
    bool required = true;              // CheckSetting::required: inconclusive makes the run inconclusive
    std::vector<UserId>
        affected_users; // whom the violations name, complete even where they are not; sorted, unique
};
inline constexpr std::size_t kept_violations = 1000;

enum class Level { pass, warning, critical, inconclusive, not_judged };
std::string_view name(Level level);

// A service level and what was measured for it.
struct Metric {
    std::string id;   // connection_success, event_latency, events_missing, golden_path, isolation
    std::string unit; // "rate", "ns", "per hour"
    double value = 0; // what was measured: a rate, a p95 in ns, ...
    double low = 0;   // 95 % interval (Wilson for rates); equal to value where there is none
    double high = 0;
    std::uint64_t sample_size = 0;
    Level level = Level::not_judged;
    std::string explanation; // one sentence: the limits and how the value stands to them
};

// How many samples lie in [from, until).
struct LatencyBin {
    Duration from{}, until{};
    std::uint64_t count = 0;
};

// A distribution worth printing: exact quantiles over all samples.
struct Latency {
    std::string id; // "login", "connect", "handshake", "welcome", "first_event", "event", "run", "ping",
                    // "schedule_lag"
    std::uint64_t count = 0;
    Duration p50{}, p90{}, p95{}, p99{}, p999{}, max{};
    std::vector<LatencyBin> bins =
        {};         // 23 to a decade, without gaps, from the first with a sample to the last
    Duration sum{}; // of all samples
};

// How well the harness itself kept a starting gate or a constraint.
struct Punctuality {
    enum class Result {
        kept,  //
        unmet, // by the target's doing it did not take place: proves nothing, and takes nothing away from a
               // failure
        missed // the harness was not on time: the execution is void
    } result = Result::kept;
    std::string id;            // "gate 0", "constraint 1"
    std::string text;          // with what it is
    std::uint64_t met = 0;     // gate: connections released; constraint: steps done when due
    std::uint64_t late = 0;    // gate: came after it had opened; constraint: beyond the tolerance
    std::uint64_t missing = 0; // did not come in time: connections, or what was waited for
    std::uint64_t left = 0;    // could not come any more
    Duration p50{}, p99{},
        max{};               // gate: from the first of its group to be released; constraint: from when due
    Duration tolerance{};    // of the p99
    std::string explanation; // one sentence
};
std::string_view name(Punctuality::Result result);

struct RunVerdict {
    Verdict verdict = Verdict::inconclusive;
    bool is_void = false; // the harness missed its own schedule: inconclusive, whatever the checks say
    std::string summary;  // one sentence
    std::vector<CheckResult> checks;
    std::vector<Metric> metrics;
    std::vector<Latency> latencies;
    std::vector<Punctuality> schedule; // gates, then constraints
    struct Counts {
        std::uint64_t users = 0, connections_attempted = 0, connected = 0, requests = 0, runs_completed = 0,
                      frames = 0, events = 0;
    } counts;
};

// 0 pass, 1 fail, 3 inconclusive (product.md, "Exit status").
int exit_status(Verdict verdict);

} // namespace wsrace
