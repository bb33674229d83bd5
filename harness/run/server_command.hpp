// A scenario's server as a command for one instance of it.
#pragma once

#include "scenario/scenario.hpp"
#include "target/spawn.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace wsrace {

using PlaceholderValues = std::vector<std::pair<std::string, std::string>>; // "{port}", what it stands for

// Fills in {port}, {instance} and `others` (those of dependencies); a first word "wsrace" becomes this
// program. The environment begins with what tools are told (run/tool_environment.hpp), so that the scenario's
// own wins. An instance of the other revision of an ingress gets that one's command.
ServerCommand server_command(const ServerSpec& spec, std::uint16_t instance, std::uint16_t port,
                             const std::filesystem::path& report_prefix,
                             const PlaceholderValues& others = {});

} // namespace wsrace
