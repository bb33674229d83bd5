#include "reference_server/clock.hpp"

#include <fmt/format.h>

namespace wsrace::reference {

std::string iso8601(std::chrono::system_clock::time_point time)
{
    namespace chr = std::chrono;
    const auto day = chr::floor<chr::days>(time);
    const chr::year_month_day date{day};
    const chr::hh_mm_ss clock{chr::floor<chr::milliseconds>(time - day)};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                       clock.subseconds().count());
}

std::string timestamp_now()
{
    static const auto wall_anchor = std::chrono::system_clock::now();
    static const auto steady_anchor = std::chrono::steady_clock::now();
    const auto elapsed = std::chrono::steady_clock::now() - steady_anchor;
    return iso8601(wall_anchor + std::chrono::duration_cast<std::chrono::system_clock::duration>(elapsed));
}

std::chrono::sys_seconds unix_now()
{
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

} // namespace wsrace::reference
