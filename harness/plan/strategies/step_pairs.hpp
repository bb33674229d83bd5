// Which pairs of steps are worth a collision.
#pragma once

#include "plan/strategies/draft.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

// How much more often than an ordinary pair (1) races are found between two steps of these types, before
// anything has been learned: close and reopen, upgrade and upgrade, start and close, send and send.
double prior_weight(std::string_view waits, std::string_view awaited);

struct CandidatePair {
    StepWords types;
    std::vector<PlannedMoment> waiting; // each has another connection to wait for
    std::vector<PlannedMoment> awaited;
    double weight = 1; // prior times the input's factor
};

// All pairs of types that two connections of the plan can be bound by, ordered by name.
std::vector<CandidatePair> candidate_pairs(const Draft& draft);

// Two places of the pair on different connections, drawn.
struct BoundPlaces {
    PlannedMoment step;
    PlannedMoment after;
};
BoundPlaces draw_places(const Draft& draft, const CandidatePair& pair, std::uint64_t number);

// From 50 us to 2 s, every order of magnitude as likely; one in five is 0: a barrier.
Duration draw_gap(const Draft& draft, std::uint64_t number);

} // namespace wsrace
