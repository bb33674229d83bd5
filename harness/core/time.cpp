#include "core/time.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ctime>

namespace wsrace {

namespace {

struct Unit {
    std::string_view name;
    double nanoseconds;
};

constexpr std::array units{Unit{"ns", 1.0}, Unit{"us", 1e3}, Unit{"ms", 1e6},
                           Unit{"s", 1e9},  Unit{"m", 60e9}, Unit{"h", 3600e9}};

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count)
{
    if (at + count > text.size()) return std::nullopt;
    int value = 0;
    const auto* const end = text.data() + at + count;
    const auto [stop, error] = std::from_chars(text.data() + at, end, value);
    if (error != std::errc{} || stop != end || text[at] == '-') return std::nullopt;
    return value;
}

// "Z", "+hh:mm", "+hhmm" or nothing, as minutes east of UTC.
std::optional<int> zone_offset(std::string_view zone)
{
    if (zone.empty() || zone == "Z" || zone == "z") return 0;
    if (zone[0] != '+' && zone[0] != '-') return std::nullopt;
    const auto hours = digits(zone, 1, 2);
    const auto minutes_at = zone.size() > 3 && zone[3] == ':' ? std::size_t{4} : std::size_t{3};
    if (!hours) return std::nullopt;
    const auto minutes = zone.size() == 3 ? std::optional<int>{0} : digits(zone, minutes_at, 2);
    if (!minutes || (zone.size() != 3 && zone.size() != minutes_at + 2)) return std::nullopt;
    return (zone[0] == '-' ? -1 : 1) * (*hours * 60 + *minutes);
}

std::optional<std::chrono::microseconds> parse_iso(std::string_view text)
{
    const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
    const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') || text[13] != ':' ||
        text[16] != ':')
        return std::nullopt;
    std::size_t at = 19;
    std::int64_t micros = 0;
    if (at < text.size() && text[at] == '.') {
        std::int64_t scale = 100'000;
        for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10)
            micros += (text[at] - '0') * scale;
    }
    const auto zone = zone_offset(text.substr(at));
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!zone || !date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    return std::chrono::sys_days{date}.time_since_epoch() + std::chrono::hours{*hour} +
           std::chrono::minutes{*minute - *zone} + std::chrono::seconds{*second} +
           std::chrono::microseconds{micros};
}

} // namespace

std::optional<Duration> parse_duration(std::string_view text)
{
    double value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || !std::isfinite(value) || value < 0) return std::nullopt;
    const auto unit_name = text.substr(static_cast<std::size_t>(stop - text.data()));
    for (const auto& unit : units) {
        if (unit.name != unit_name) continue;
        const auto nanoseconds = value * unit.nanoseconds;
        if (nanoseconds > 9e18) return std::nullopt;
        return Duration{std::llround(nanoseconds)};
    }
    return std::nullopt;
}

std::string format_duration(Duration duration)
{
    const auto nanoseconds = static_cast<double>(duration.count());
    const auto size = std::abs(nanoseconds);
    if (size == 0) return "0 s";
    if (size < 1e3) return fmt::format("{:.3g} ns", nanoseconds);
    if (size < 999.5e3) return fmt::format("{:.3g} us", nanoseconds / 1e3);
    if (size < 999.5e6) return fmt::format("{:.3g} ms", nanoseconds / 1e6);
    if (size < 600e9) return fmt::format("{:.3g} s", nanoseconds / 1e9);
    return fmt::format("{:.3g} min", nanoseconds / 60e9);
}

std::optional<std::chrono::microseconds> parse_timestamp(std::string_view text)
{
    if (text.size() >= 19 && text[4] == '-') return parse_iso(text);
    double seconds = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, seconds);
    if (text.empty() || error != std::errc{} || stop != end || !std::isfinite(seconds) ||
        std::abs(seconds) > 1e12)
        return std::nullopt;
    return std::chrono::microseconds{std::llround(seconds * 1e6)};
}

Duration equal_share(Duration left, std::size_t tasks)
{
    return std::max(left, Duration{}) / static_cast<Duration::rep>(tasks); // an unsigned divisor would wrap
}

std::string format_wall_clock(std::chrono::system_clock::time_point time)
{
    const auto millis =
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count() % 1000;
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(time)),
                       millis);
}

} // namespace wsrace
