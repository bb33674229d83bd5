// Gaps are tuned so that a plan fails more often: a reproducer that fails in nine of ten executions is worth
// more than one in ten. Which gap is best is not known, nor is its scale, and every answer is noisy.
//
// One gap after the other (coordinate search): eight values spread over its range on a logarithmic scale, one
// drawn from each eighth, and the value it has compete by successive halving (Karnin, Koren, Somekh 2013,
// "Almost optimal exploration in multi-armed bandits"): few plays of all, twice as many of the better half,
// until one is left. A winner other than the current value must then beat it in fresh plays. The second
// round, and those after it, look around the current values only, closer each time.
//
// A duel is Wald's sequential test of double dichotomies (Wald 1947, "Sequential Analysis", chapter 6): both
// are played in pairs, pairs that agree are ignored, and of the others the challenger's share of failures is
// tested: 1/2 ("no better") against 2/3. At the end what was found plays such a duel against where it began.
// So with 95 % confidence it does not return anything that is as bad as the beginning, or worse: then it
// returns the beginning. Pure: plays go through a function, all draws come from the seed.
#pragma once

#include "core/time.hpp"
#include "explore/play_budget.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace wsrace {

struct GapRange {
    Duration low{}; // below one microsecond counts as one
    Duration high{};
    Duration start{}; // may be outside: 0 is a barrier. Kept unless something is better
};

struct AmplificationOptions {
    PlayLimits limits;
    std::uint64_t seed = 0;
    double alpha = 0.05;                 // of every duel: says "better" although it is not
    std::uint64_t most_duel_plays = 400; // then the challenger has lost
    double good_enough = 0.9;            // it stops once the rate is above, at 95 %
};

// One gap's competition.
struct AmplificationStep {
    std::size_t gap = 0;
    Duration from{}, to{};    // the same: nothing beat it
    Trials before{}, after{}; // of the duel; nothing played: there was none
};

struct Amplification {
    std::vector<Duration> values; // one for each gap
    bool better = false;          // than the beginning, at 1 - alpha; else `values` are where it began
    // Of the last duel against the beginning. It ended when the evidence sufficed, which makes the difference
    // look somewhat larger than it is: replay the result for its rate.
    Trials before, after;
    bool out_of_budget = false; // it ended for that reason
    std::uint64_t plays = 0;
    std::uint64_t voided = 0;
    std::vector<AmplificationStep> steps;
};

using PlayGaps = std::function<Played(const std::vector<Duration>& values)>;

Amplification amplify(const std::vector<GapRange>& gaps, const PlayGaps& play,
                      const AmplificationOptions& options);

} // namespace wsrace
