// What a search for the cold-start window found: what happens to a user who arrives t after the server was
// started. Shapes only; explore/ fills them, reports/ write them. Times are offsets from the anchor.
#pragma once

#include "core/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

// What became of one user who walked the journey alone. Kept apart because each is a different finding.
enum class ArrivalOutcome : std::uint8_t {
    good,           // all of the journey
    refused,        // ECONNREFUSED: nothing listens yet
    retry_later,    // HTTP 503 with Retry-After, 429, or close 1012/1013: told to come back
    reset,          // RST or FIN in place of an answer, or a connection cut without a close frame
    hang,           // a time-out before anything was accepted, or in the middle of a run
    unauthorized,   // HTTP 401 or 403, for a valid token
    unavailable,    // HTTP 503 without Retry-After
    server_error,   // another HTTP 5xx
    http_other,     // any other HTTP status
    internal_error, // close 1011
    closed,         // any other close before the journey was done, or no HTTP and no WebSocket at all
    silent,         // welcome or 101, a request, and then no event
    incomplete,     // the run failed, or lacked one of the events that are expected
    gone,           // ECONNREFUSED after the port had been open
};
inline constexpr std::size_t arrival_outcomes = 14;

std::string_view name(ArrivalOutcome outcome);   // "internal_error"
std::string_view phrase(ArrivalOutcome outcome); // after "users get": "1011"
char letter(ArrivalOutcome outcome);             // one cell of a strip chart
bool is_bad(ArrivalOutcome outcome);             // all but good, refused and retry_later

// Where one outcome turns into another: the median of the posterior, and its 95 % credible interval.
struct ColdStartEdge {
    Duration at{};
    Duration low{};
    Duration high{};
    bool measured = false; // false: the end of the range that was searched, beyond which nothing is known
};

// A stretch with one outcome.
struct ColdStartStretch {
    ArrivalOutcome outcome = ArrivalOutcome::good;
    ColdStartEdge from;
    ColdStartEdge until;
    std::uint32_t users = 0;  // who arrived in it
    std::uint32_t alike = 0;  // of these, with this outcome
    std::uint32_t failed = 0; // of these, with any bad outcome
    std::uint32_t boots = 0;  // in which at least one user arrived who met the stretch's outcome
};

// The server said that it is ready, and users who arrived later failed nevertheless.
struct ReadinessLie {
    Duration said_at{};      // median over the boots in which it was caught
    Duration failed_until{}; // the last failure that was begun after it
    ArrivalOutcome outcome = ArrivalOutcome::good;
    std::uint32_t users = 0;
    std::uint32_t boots = 0;
};

// A column of the strip chart.
struct ColdStartCell {
    Duration from{};
    Duration until{};
    std::array<std::uint32_t, arrival_outcomes> users{};
    std::optional<ArrivalOutcome> shown; // a window if one lies in it, else what most users met; none: nobody
};

struct ColdStartReport {
    std::string scenario;
    std::string scenario_digest;
    std::string target; // the command, without secrets
    std::string command;
    std::string version;
    std::string machine;
    std::string started;
    std::string anchor; // "spawn" or "port_open"
    std::uint64_t seed = 0;
    Duration range_from{};
    Duration range_until{};
    double rate = 0; // users per second, for the number of users hit
    std::uint32_t boots = 0;
    std::uint32_t failed_boots = 0; // the server did not come up
    std::uint32_t users = 0;        // probes with an outcome
    std::uint32_t voided = 0;       // without one: the harness itself could not, or was interrupted
    std::array<std::uint32_t, arrival_outcomes> outcomes{};
    std::vector<ColdStartStretch> stretches; // all of the range, in order
    std::vector<ColdStartStretch> windows;   // the bad ones among them that were confirmed
    std::optional<ReadinessLie> lie;
    std::optional<Duration> ready;  // median of when its health path first answered 200
    std::uint32_t isolated_bad = 0; // bad outcomes outside of all windows: not confirmed when tried again
    std::vector<ColdStartCell> cells;
    std::vector<std::string> kept; // run folders, each the first that showed a bad outcome
    Duration took{};
    bool converged = false; // ended because nothing was left to find out, not because the budget was used up
    bool interrupted = false;
    std::string problem; // not empty: why the search says nothing, or less than it should
};

// "users who arrive between 112 ms and 840 ms after the port opens get 1011"
std::string sentence(const ColdStartStretch& window, const ColdStartReport& report);

// How many users a window hits when they arrive at the report's rate.
double users_hit(const ColdStartStretch& window, const ColdStartReport& report);

// An offset as a person reads it: milliseconds, with a decimal where that says something: "112 ms", "3.4 ms".
std::string offset_text(Duration offset);

} // namespace wsrace
