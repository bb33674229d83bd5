// CLI11, as all commands use it.
#pragma once

#include "cli/commands.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace wsrace::cli {

// Parses; gives the exit status when there is nothing more to do: help was asked for, or the options are
// wrong.
inline std::optional<int> parse(CLI::App& app, const Arguments& arguments)
{
    auto reversed = arguments; // as CLI11 wants them
    std::reverse(reversed.begin(), reversed.end());
    try {
        app.parse(std::move(reversed));
    } catch (const CLI::ParseError& error) {
        const auto failed = app.exit(error) != 0;
        return failed ? exit_usage : exit_pass;
    }
    return std::nullopt;
}

} // namespace wsrace::cli
