#include "cli/machine.hpp"

#include <fmt/format.h>

#include <sys/ioctl.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace wsrace::cli {

namespace {

std::string processor()
{
    std::ifstream file{"/proc/cpuinfo"};
    for (std::string line; std::getline(file, line);) {
        const auto colon = line.find(": ");
        if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
    }
    return "unknown processor";
}

} // namespace

std::string machine_description()
{
    utsname system{};
    struct sysinfo memory {};
    ::uname(&system);
    ::sysinfo(&memory);
    const auto gibibytes = static_cast<double>(memory.totalram) * memory.mem_unit / (1024.0 * 1024 * 1024);
    return fmt::format("{} cores ({}), {:.1f} GiB, {} {}", std::thread::hardware_concurrency(), processor(),
                       gibibytes, system.sysname, system.release);
}

bool wants_colours()
{
    const auto* const no_colour = std::getenv("NO_COLOR");
    return ::isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

std::size_t columns_of_errors()
{
    constexpr std::size_t many = 1000;
    winsize size{};
    const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? std::max<std::size_t>(size.ws_col, Screen::fewest_columns) : many;
}

Screen terminal_screen()
{
    Screen screen{.colours = wants_colours()};
    winsize size{};
    if (::isatty(STDOUT_FILENO) != 1 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return screen;
    // Nothing is known of a terminal that says 0; of a smaller one the last lines are seen.
    screen.lines = std::max<std::size_t>(size.ws_row, Screen::fewest_lines);
    screen.columns = std::clamp<std::size_t>(size.ws_col, Screen::fewest_columns, screen.columns);
    return screen;
}

} // namespace wsrace::cli
