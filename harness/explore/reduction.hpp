// The shrinking of a plan that fails now and then: which of its elements does the failure need? An element is
// whatever can be left out (a user, a step, a delay, a fault); here it is a number. Plays go through a
// function, so that this is pure: the same seed and the same answers give the same decisions.
//
//   1. Replaying. The whole plan, until its rate p is known to a fifth or it was played `first_replays`
//   times.
//      Below `least_rate` it stops: shrinking would cost thousands of plays.
//   2. Sampling. Random sub-plans, scores by association, and the weak elements are dropped at once
//      (explore/feature_sampling.hpp); a test accepts what is left, or the stronger of the dropped come back.
//      Delta debugging alone asks too many questions where every answer takes a sequence of plays.
//   3. Delta debugging. ddmin (Zeller, Hildebrandt 2002, "Simplifying and isolating failure-inducing input"):
//      halves, quarters, ... single elements are left out, weak ones first. Complements only: subsets are not
//      tried, since a chunk on its own seldom holds the two or three elements that a race needs.
//   4. Minimality. Every element once more, with a smaller error: 1-minimal as far as tests tell.
//   5. Confirming. Fresh plays of the result, none of which led to its acceptance, against the original p. If
//   it
//      fails less often than `tolerated` times p, what makes the failure likelier is found by a screening
//      experiment among all that was left out (explore/screening.hpp) and given back, as little as suffices.
//
// A candidate is never accepted for having failed once (a race that was seen once in a smaller plan may never
// be seen again in it), but by Wald's test of the rate p against p / 3 with 5 % wrong acceptances
// (explore/sequential_test.hpp). p is here the original plan's rate, or the current one's if that is known
// to be higher, so that small losses do not add up unnoticed. What the quick test lets through between p / 3
// and 0.8 p is step 5's to find, once for all instead of for every candidate: telling 0.8 p from p takes
// about ten times as many plays.
//
// It can end at any time, and ends with the best plan so far. It never returns one that was not seen to fail.
#pragma once

#include "explore/element_links.hpp"
#include "explore/play_budget.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

enum class ReductionStage : std::uint8_t {
    replaying,
    sampling,
    delta_debugging,
    minimality,
    confirming,
    giving_back
};
std::string_view to_string(ReductionStage stage); // "replaying", "sampling", "delta debugging", ...

// One question that was asked, for reports.
struct ReductionStep {
    enum class Result : std::uint8_t {
        measured,  // nothing was to be decided
        accepted,  // the plan without these elements is the current one from here on
        rejected,  // it fails less often, or not at all
        undecided, // the budget or the time ended, or too many executions were void
    };
    ReductionStage stage{};
    Result result{};
    std::vector<std::size_t> left_out; // of the current plan; confirming and giving back: of the whole
    std::size_t elements = 0;          // of the plan that was tried
    Trials trials;                     // of that plan until now; sampling: of all sub-plans
    std::uint64_t plays = 0;           // of this step, void ones and those of the original included
};

struct ReductionProgress {
    ReductionStage stage{};
    std::size_t elements = 0; // left
    Trials trials;            // of the current plan
    std::uint64_t plays = 0;  // so far
};

struct ReductionOptions {
    PlayLimits limits;
    std::uint64_t first_replays = 200; // at most
    double least_rate = 0.02;
    double tolerated = 0.8; // of the original rate
    std::uint64_t seed = 0;
    std::function<void(const ReductionProgress&)> progress; // after every play; may be empty
};

struct Reduction {
    enum class End : std::uint8_t {
        complete,      // all stages
        out_of_budget, // plays or time; `keep` is the best until then
        too_rare,      // fails, but less often than least_rate: not shrunk
        never_failed,  // in all of the first replays: not shrunk
        void_only,     // the whole plan could not be played on time: nothing is known
    };
    End end = End::complete;
    Keep keep;     // what is left
    Trials before; // of the whole plan
    Trials after;  // of what is left; fresh plays if `confirmed`, else those that led to its acceptance
    bool confirmed =
        false; // it was compared with the whole plan, and not found to fail less than `tolerated`
    bool one_minimal = false; // no single element can go, as far as the tests tell
    std::uint64_t plays = 0;  // all, void ones included
    std::uint64_t voided = 0;
    std::vector<ReductionStep> steps;
};

// One execution of the plan with these elements; never asked for the empty plan, unless the whole is empty.
using PlayElements = std::function<Played(const Keep& keep)>;

Reduction reduce(const ElementLinks& links, const PlayElements& play, const ReductionOptions& options);

// One line on how it ended: "26 elements to 2 in 57 plays; fails in 90 % (60 % to 98 %) of executions, ...".
// `interrupted`: that is why it ended before its end, and not the budget.
std::string summary(const Reduction& reduction, bool interrupted = false);

} // namespace wsrace
