// What the tests of the readers share: a scenario that is right, to be spoilt in one place.
#pragma once

#include "support/source_folder.hpp"

#include "scenario/scenario.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>
#include <vector>

namespace wsrace {

inline std::ostream& operator<<(std::ostream& stream, const Problem& problem)
{
    return stream << to_string(problem);
}

inline std::string read_file(const std::filesystem::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

inline nlohmann::json right_scenario()
{
    return nlohmann::json::parse(R"({
        "name": "right",
        "profile": "netra",
        "users": {"count": 2},
        "journey": ["login", "connect", "await_welcome", {"request": {"text": "hello {canary}"}},
        "await_events"]
    })");
}

// The right scenario with `patch` merged into it (RFC 7396: null removes).
inline LoadedScenario parse_patched(const std::string& patch, const ScenarioOverrides& overrides = {})
{
    nlohmann::json scenario = right_scenario();
    scenario.merge_patch(nlohmann::json::parse(patch));
    return parse_scenario(scenario.dump(), "test.json", source_folder() / "scenarios", overrides);
}

} // namespace wsrace
