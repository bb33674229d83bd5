#include "run/server_command.hpp"

#include "run/tool_environment.hpp"

#include <algorithm>

namespace wsrace {

namespace {

std::string filled_in(std::string text, const PlaceholderValues& values)
{
    for (const auto& [marker, value] : values)
        for (auto at = text.find(marker); at != std::string::npos; at = text.find(marker, at + value.size()))
            text.replace(at, marker.size(), value);
    return text;
}

} // namespace

ServerCommand server_command(const ServerSpec& spec, std::uint16_t instance, std::uint16_t port,
                             const std::filesystem::path& report_prefix, const PlaceholderValues& others)
{
    PlaceholderValues values{{"{port}", std::to_string(port)}, {"{instance}", std::to_string(instance)}};
    values.insert(values.end(), others.begin(), others.end());
    ServerCommand command{.arguments = {},
                          .environment = {},
                          .working_directory = spec.working_directory,
                          .open_files = spec.limits.open_files,
                          .memory = spec.limits.memory};
    const auto& words = spec.is_other_revision(instance) ? spec.ingress->revisions->command : spec.command;
    for (const auto& argument : words) command.arguments.push_back(filled_in(argument, values));
    if (command.arguments[0] == "wsrace")
        command.arguments[0] = std::filesystem::read_symlink("/proc/self/exe");
    for (const auto& [name, value] : tool_environment(spec.tools, report_prefix)) {
        const auto own = std::find_if(spec.environment.begin(), spec.environment.end(),
                                      [&name](const auto& variable) { return variable.first == name; });
        if (own == spec.environment.end()) command.environment.emplace_back(name, value);
    }
    for (const auto& [name, value] : spec.environment)
        command.environment.emplace_back(name, filled_in(value, values));
    return command;
}

} // namespace wsrace
