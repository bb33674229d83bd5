// A failing plan in one file, with all that it takes to play it again: reproducer.json.
#pragma once

#include "core/problem.hpp"
#include "explore/trials.hpp"
#include "plan/plan.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

inline constexpr int reproducer_version = 1;

// What is played again, and what is known of it.
struct Replay {
    Scenario scenario;
    Plan plan;
    std::string signature; // the failure that counts; empty: any
    Trials before;         // replays of it so far; nothing played: not known
};

struct LoadedReplay {
    std::optional<Replay> replay; // only if there are no problems
    std::vector<Problem> problems;
};

std::string reproducer_json(const Replay& replay, std::string_view version);

// The text of a reproducer.json, read strictly: all mistakes of the scenario in it, else all of the plan in
// it, each with its path. `file` stands in messages.
LoadedReplay parse_replay(const std::string& text, const std::filesystem::path& file,
                          const ScenarioOverrides& overrides);

// From a reproducer.json, the plan.json of a run's folder, or a folder that has one of the two; "-" is
// standard input. Strict: of each part (the file, its scenario, its plan) all mistakes, each with its JSON
// path. The overrides change the scenario (its target, as a rule), not the plan.
LoadedReplay load_replay(const std::filesystem::path& file_or_folder, const ScenarioOverrides& overrides);

} // namespace wsrace
