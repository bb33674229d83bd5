#include "run/tool_environment.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

namespace wsrace {

namespace {

struct Tool {
    const char* variable;
    std::string_view separator;
    std::string_view options; // besides the file for reports
    std::string ToolOptions::*own;
};

constexpr std::array tools_known{
    Tool{"TSAN_OPTIONS", ":", "exitcode=66:halt_on_error=0:second_deadlock_stack=1",
         &ToolOptions::thread_sanitizer},
    Tool{"ASAN_OPTIONS", ":", "exitcode=66", &ToolOptions::address_sanitizer},
    Tool{"LSAN_OPTIONS", ":", "exitcode=66", &ToolOptions::address_sanitizer},
    Tool{"UBSAN_OPTIONS", ":", "print_stacktrace=1:exitcode=66", &ToolOptions::undefined_sanitizer},
    Tool{"GORACE", " ", "exitcode=66 halt_on_error=0", &ToolOptions::go_race},
};

} // namespace

std::vector<std::pair<std::string, std::string>> tool_environment(const ToolOptions& tools,
                                                                  const std::filesystem::path& report_prefix)
{
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& tool : tools_known) {
        std::string value;
        const auto add = [&](std::string_view part) {
            if (!part.empty()) value.append(value.empty() ? "" : tool.separator).append(part);
        };
        const char* const inherited = std::getenv(tool.variable);
        add(inherited == nullptr ? "" : inherited);
        // Quotes, since a folder's name may hold the separator. Go's runtime knows none.
        const auto quote = tool.separator == ":" ? "\"" : "";
        add(fmt::format("log_path={}{}{}", quote, report_prefix.string(), quote));
        add(tool.options);
        add(tools.*tool.own);
        out.emplace_back(tool.variable, std::move(value));
    }
    out.emplace_back("PYTHONUNBUFFERED", "1"); // lines arrive when they are written
    out.emplace_back("PYTHONFAULTHANDLER", "1");
    if (!tools.python_warnings.empty()) out.emplace_back("PYTHONWARNINGS", tools.python_warnings);
    if (tools.python_asyncio_debug) out.emplace_back("PYTHONASYNCIODEBUG", "1");
    return out;
}

} // namespace wsrace
