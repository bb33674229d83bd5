// plan.json back to a plan: what plan_json() wrote, by whomever it was changed since.
#pragma once

#include "plan/plan.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace wsrace {

struct LoadedPlan {
    std::optional<Plan> plan;         // only if there are no problems
    std::optional<Scenario> scenario; // load_plan(): the one beside it
    std::vector<Problem> problems;
};

// Strict, as the scenario reader is: all mistakes at once, each with its JSON path; of users no more than the
// first hundred. The plan must be one of this scenario, by its digest. Who takes part, in which roles and
// when, is the plan's own: it may have users, journeys, gates and constraints that the scenario has not. What
// it needs of the target (a server that is supervised, an instance, a dependency, an ingress) the scenario
// must have. `name` stands in messages.
LoadedPlan parse_plan(const std::string& text, const std::string& name, const Scenario& scenario);

// From a file, with the scenario.json in its folder; or from the plan.json of a run's folder.
LoadedPlan load_plan(const std::filesystem::path& file_or_folder);

} // namespace wsrace
