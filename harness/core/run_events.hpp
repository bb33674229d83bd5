// Which events a run of the target has: what checks expect of every run.
#pragma once

#include "core/event.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace wsrace {

// As a profile declares it (all five, unless it says otherwise), or as a hunt has learned it.
struct RunEvents {
    using Pair = std::pair<FrameType, FrameType>;

    std::vector<FrameType> types{five_events.begin(), five_events.end()}; // in the order of `five_events`;
                                                                          // agent_completed is among them
    std::vector<Pair> order;        // the first event of one type comes before the first of the other
    bool to_be_learned = false;     // nobody has said it, and nothing was learned yet: agent_completed alone
    std::uint32_t learned_from = 0; // completed runs; 0: it was not learned

    bool has(FrameType type) const;
    bool declared() const { return !to_be_learned && learned_from == 0; }
    bool operator==(const RunEvents&) const = default;

    static RunEvents not_yet_learned();
};

// All pairs that the chains "a, b, c" mean, sorted and without repetition.
std::vector<RunEvents::Pair> pairs_of(const std::vector<std::vector<FrameType>>& chains);

// The same the other way round: one chain of all types if the pairs order all of them, else each pair.
std::vector<std::vector<FrameType>> chains_of(const RunEvents& events);

// For people: "learned from 9 runs: agent_started, agent_completed, in this order".
std::string describe(const RunEvents& events);

} // namespace wsrace
