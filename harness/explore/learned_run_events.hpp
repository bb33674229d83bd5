// What runs have in common when nobody disturbs them: the expectation for targets whose events are not
// declared.
#pragma once

#include "core/history.hpp"
#include "core/run_events.hpp"
#include "scenario/scenario.hpp"

#include <cstdint>
#include <set>
#include <vector>

namespace wsrace {

class LearnedRunEvents {
public:
    // Takes in every run that was completed with success and without a reconnect; no other says what a run
    // has.
    void add(const History& history);

    // The types that every such run had, and of each two of them which one came first, where that was the
    // same in all runs. RunEvents::not_yet_learned() if there was none.
    RunEvents result() const;

private:
    void take(const std::vector<FrameType>& firsts);

    std::uint32_t runs_ = 0;
    std::set<FrameType> types_;         // that every run so far has had
    std::set<RunEvents::Pair> against_; // pairs that some run had the other way round
};

// The scenario with these expectations, so that whatever is kept of it (scenario.json, reproducer.json) has
// them, too. As it is if nothing was learned.
Scenario with_run_events(const Scenario& scenario, const RunEvents& events);

} // namespace wsrace
