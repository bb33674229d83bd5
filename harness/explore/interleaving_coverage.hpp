// Which interleavings one execution has shown: for each ordered pair of step types on two different
// connections, the gaps between them in buckets (core/interleaving.hpp).
//
// Steps are those that were done; what failed (a refused connect, a request on a closed connection) never
// reached the target. A later step is compared with what came before it in a sliding window for each bucket
// and type, so that the cost is linear in the events, whatever their number in a bucket.
#pragma once

#include "core/history.hpp"
#include "core/interleaving.hpp"

#include <cstdint>
#include <vector>

namespace wsrace {

struct Interleavings {
    std::vector<std::uint16_t> cells; // that were hit; ascending, each once

    // The pairs that were feasible: of connections, in both orders when both types were done by two that are
    // in that relation, however far apart; of the target, in the order that took place.
    std::vector<std::uint16_t> pairs;
};

Interleavings cells_of(const History& history);

} // namespace wsrace
