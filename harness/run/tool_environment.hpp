// What sanitizers and interpreters are told by the environment of a supervised target.
#pragma once

#include "scenario/scenario.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace wsrace {

// TSAN_OPTIONS, ASAN_OPTIONS, LSAN_OPTIONS, UBSAN_OPTIONS, GORACE: reports go to files that begin with
// `report_prefix`, a process with a finding exits with status 66. Options that the harness's own environment
// holds come before, the scenario's after these; the last one wins. And Python's switches.
std::vector<std::pair<std::string, std::string>> tool_environment(const ToolOptions& tools,
                                                                  const std::filesystem::path& report_prefix);

} // namespace wsrace
