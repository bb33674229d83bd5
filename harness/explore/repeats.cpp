#include "explore/repeats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace wsrace {

std::optional<std::uint64_t> repeats_for(double rate, double confidence)
{
    if (!(rate > 0)) return std::nullopt;
    if (rate >= 1) return 1;
    const auto count = std::ceil(std::log1p(-confidence) / std::log1p(-rate) - 1e-9);
    if (count > 1e18) return std::nullopt;
    return static_cast<std::uint64_t>(std::max(1.0, count));
}

std::optional<std::uint64_t> repeats_for(const Interval& rate, double confidence)
{
    return repeats_for(rate.low, confidence);
}

double bound_without_failure(std::uint64_t executions, double confidence)
{
    if (executions == 0) return 1;
    return -std::expm1(std::log1p(-confidence) / static_cast<double>(executions));
}

std::string repeats_statement(const Interval& rate)
{
    const auto count = repeats_for(rate);
    if (!count) return "no number of executions is known to show it again: its rate may be 0";
    if (*count == 1) return "1 execution shows it";
    return fmt::format("{} executions show it at 95 %", *count);
}

std::string passing_statement(std::uint64_t executions, std::string_view portfolio)
{
    if (executions == 0) return fmt::format("no execution of portfolio {}: nothing is known", portfolio);
    if (executions < 3) {
        return fmt::format("no failure in {} execution{} of portfolio {}: too few to say anything",
                           executions, executions == 1 ? "" : "s", portfolio);
    }
    return fmt::format(
        "no failure in {} executions of portfolio {}: rate below 3/{} = {} at 95 % on this machine",
        executions, portfolio, executions, format_rate(3.0 / static_cast<double>(executions)));
}

std::string format_rate(double rate)
{
    const auto percent = 100 * rate;
    if (percent >= 9.95 || percent <= 0) return fmt::format("{:.0f} %", percent);
    const auto digits = 1 - static_cast<int>(std::floor(std::log10(percent)));
    auto text = fmt::format("{:.{}f}", percent, std::clamp(digits, 0, 12));
    while (text.find('.') != std::string::npos && (text.back() == '0' || text.back() == '.')) {
        const auto point = text.back() == '.';
        text.pop_back();
        if (point) break;
    }
    return text + " %";
}

} // namespace wsrace
