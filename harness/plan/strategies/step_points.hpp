// The moments of a plan that can be held, and those that can be waited for: what strategies choose from.
#pragma once

#include "plan/plan.hpp"

#include <optional>
#include <string>
#include <vector>

namespace wsrace {

// As scenarios write the moment ("connect", "request", "first_event"); with " again" behind what belongs to a
// later connect of the same journey than its first.
std::string step_type(const std::vector<StepSpec>& journey, const PlannedMoment& place);

// A moment and its type.
struct StepPoint {
    PlannedMoment place;
    std::string type;
};

// Only moments that a journey gets to on a target without bugs: nothing between an attempt that must or may
// be refused and the next one, no event that a run need not have: each has `fewest_events` at least.
std::vector<StepPoint> held_points(const Plan& plan, const PlannedUser& user, std::uint16_t slot);
std::vector<StepPoint> observed_points(const Plan& plan, const PlannedUser& user, std::uint16_t slot,
                                       std::size_t fewest_events);

// The latest moment that is certain to have come when the journey is about to do `step`; `behind` is what it
// pauses between the two. Nothing: there is none before it.
struct Readiness {
    PlannedMoment place;
    Duration behind{};
};
std::optional<Readiness> ready_for(const Plan& plan, const PlannedUser& user, std::uint16_t slot,
                                   std::uint16_t step);

// The step by which an observed moment can be put off: it is held until somebody else is ready. It comes
// before that moment, with nothing between them that anybody waits for.
PlannedMoment cause_of(const std::vector<StepSpec>& journey, const PlannedMoment& observed);

} // namespace wsrace
