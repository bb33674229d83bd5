#include "cli/progress_line.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cstdio>

namespace wsrace::cli {

namespace {

constexpr auto plain_interval = std::chrono::seconds{5};

} // namespace

ProgressLine::ProgressLine(std::uint32_t users, std::uint32_t connections, Duration limit, bool quiet)
    : users_{users}, connections_{connections}, limit_{limit}, quiet_{quiet}, terminal_{
                                                                                  ::isatty(STDERR_FILENO) ==
                                                                                  1}
{}

std::string ProgressLine::text(const Progress& progress, Duration passed) const
{
    const auto get = [](const auto& counter) { return counter.load(std::memory_order_relaxed); };
    const auto left = limit_ > passed ? limit_ - passed : Duration{};
    return fmt::format(
        "{:>6}  users {}/{}  connected {}  done {}/{}  requests {}  answered {}  frames {}  suspicious {}"
        "  at most {} left",
        format_duration(std::chrono::duration_cast<std::chrono::milliseconds>(passed)), get(progress.arrived),
        users_, get(progress.connected), get(progress.done), connections_, get(progress.requests),
        get(progress.runs_ended), get(progress.frames), get(progress.suspicious),
        format_duration(std::chrono::duration_cast<std::chrono::seconds>(left)));
}

void ProgressLine::show(const Progress& progress)
{
    const auto now = std::chrono::steady_clock::now();
    if (quiet_ || (!terminal_ && now - last_ < plain_interval)) return;
    last_ = now;
    shown_ = true;
    fmt::print(stderr, "{}{}{}", terminal_ ? "\r\033[K" : "", text(progress, now - begin_),
               terminal_ ? "" : "\n");
    std::fflush(stderr);
}

void ProgressLine::finish()
{
    if (shown_ && terminal_) fmt::print(stderr, "\r\033[K");
    std::fflush(stderr);
}

} // namespace wsrace::cli
