// What a run's folder holds before anybody is played: the plan and its scenario.
#pragma once

#include "core/history.hpp"
#include "plan/plan.hpp"

#include <filesystem>

namespace wsrace {

// Makes the folder and writes plan.json and scenario.json. `asked` names version, command, target, machine
// and when it was; what depends on scenario and plan is filled in, and the run gets an id. Throws
// std::runtime_error or std::filesystem::filesystem_error if the disk does not take it.
RunInfo begin_run_folder(const std::filesystem::path& folder, const Scenario& scenario, const Plan& plan,
                         RunInfo asked);

} // namespace wsrace
