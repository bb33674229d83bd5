// Whether checks about runs have anything to apply to: a scenario that sends no requests is not at fault for having no runs.
#pragma once

#include "checks/judge.hpp"
#include "checks/runs.hpp"

#include <algorithm>
#include <string_view>

namespace wsrace {

inline constexpr std::string_view no_requests_planned = "the scenario sends no requests";

inline bool sends_no_requests(const CheckInput& input)
{
    if (input.history.info.requests > 0 || !input.runs.runs().empty()) return false;
    return std::any_of(input.history.events.begin(), input.history.events.end(), [](const Event& event) {
        return event.is_step(StepKind::upgrade_answered) && event.outcome == Outcome::ok;
    });
}

} // namespace wsrace
