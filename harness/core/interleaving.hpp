// What interleaving coverage counts: which of two steps on two different connections came first, and by how
// much. Shapes and names only; explore/ counts, strategies of plan/ weigh pairs with it, reports/ draw it.
#pragma once

#include "core/moment.hpp"
#include "core/time.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

// A step that was done: of a connection, or of the life of a supervised target.
enum class StepType : std::uint8_t {
    connect,        // TCP connected, on a slot that had not been open before
    upgrade,        // the upgrade's last byte was sent
    answered,       // 101 or any other HTTP status received
    welcome,        // the first welcome received
    request,        // a request was sent
    first_event,    // the first event of a run received
    later_event,    // any other, up to the one before its terminal event
    terminal_event, // agent_completed or agent_error received
    ping,           //
    stop,           //
    drop,           // the harness cut the connection, or gave up connecting on purpose
    close,          // a close frame was sent
    ended,          // the connection ended, by whoever
    reopened,       // TCP connected, on a slot that had been open before
    spawned,        // from here on: of the target
    port_open,      //
    ready,          //
    terminating,    // asked to end
};
inline constexpr std::size_t step_types = 18;

// Whose the two steps are.
enum class Relation : std::uint8_t {
    other_user, // connections of two users
    same_user,  // two connections of one user, a reopened one and the one before it included
    target,     // one of them is of the target's life
};
inline constexpr std::size_t relations = 3;

std::string_view name(StepType type);     // "first_event"
std::string_view name(Relation relation); // "other_user"
constexpr bool is_of_target(StepType type) { return type >= StepType::spawned; }

// What a starting gate or a constraint names, as coverage counts it; none: it does not (a login, a wait).
std::optional<StepType> step_type(const Moment& moment);

// Gaps in half decades, since their scale is not known beforehand: a server's own waits last from 0.2 ms to
// 2 s. Below 0.1 ms is one bucket: there neither the network nor the harness keeps an order. From 300 ms on
// steps are one after the other for nearly any server, and are not counted.
inline constexpr std::size_t gap_buckets = 8;
inline constexpr std::array<Duration, gap_buckets + 1> gap_edges{
    std::chrono::microseconds{0},  std::chrono::microseconds{100}, std::chrono::microseconds{300},
    std::chrono::milliseconds{1},  std::chrono::milliseconds{3},   std::chrono::milliseconds{10},
    std::chrono::milliseconds{30}, std::chrono::milliseconds{100}, std::chrono::milliseconds{300}};

std::optional<std::size_t> gap_bucket(Duration gap); // a gap is never negative
std::string_view gap_text(std::size_t bucket);       // in ms: "<0.1", "0.1-0.3", ..., "100-300"

// `first` came before `second`.
struct StepPair {
    Relation relation = Relation::other_user;
    StepType first = StepType::connect;
    StepType second = StepType::connect;
    auto operator<=>(const StepPair&) const = default;
};

// Pairs and cells (a pair and a bucket) as small numbers, without holes.
inline constexpr std::size_t step_pairs = relations * step_types * step_types;
inline constexpr std::size_t interleaving_cells = step_pairs * gap_buckets;
constexpr std::uint16_t pair_number(const StepPair& pair)
{
    const auto row =
        static_cast<std::size_t>(pair.relation) * step_types + static_cast<std::size_t>(pair.first);
    return static_cast<std::uint16_t>(row * step_types + static_cast<std::size_t>(pair.second));
}
constexpr std::uint16_t cell_number(const StepPair& pair, std::size_t bucket)
{
    return static_cast<std::uint16_t>(pair_number(pair) * gap_buckets + bucket);
}
StepPair pair_of(std::uint16_t pair_number);

// How much a pair is worth trying: steering, for whoever draws pairs.
struct PairWeight {
    StepPair pair;
    double weight = 0;
};

// One feasible pair: in how many executions each of its cells was hit.
struct PairCoverage {
    StepPair pair;
    std::array<std::uint32_t, gap_buckets> hits{};
};

// All that is known, for reports.
struct CoverageTable {
    std::uint64_t executions = 0;
    std::uint64_t since_new = 0;     // executions since one hit a new cell
    std::uint64_t plateau_after = 0; // so many of these are called a plateau
    std::vector<PairCoverage> pairs; // the feasible ones, in the order of StepPair

    std::size_t feasible() const { return pairs.size() * gap_buckets; } // cells
    std::size_t hit() const;                                            // cells
    bool is_plateau() const { return since_new >= plateau_after; }
};

} // namespace wsrace
