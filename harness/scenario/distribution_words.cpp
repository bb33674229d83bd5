#include "scenario/distribution_words.hpp"

#include <fmt/format.h>

namespace wsrace {

using Kind = Distribution::Kind;

std::string_view name(Distribution::Kind kind)
{
    switch (kind) {
    case Distribution::Kind::fixed: return "fixed";
    case Distribution::Kind::uniform: return "uniform";
    case Distribution::Kind::log_uniform: return "log_uniform";
    case Distribution::Kind::normal: return "normal";
    case Distribution::Kind::log_normal: return "log_normal";
    case Distribution::Kind::exponential: break;
    }
    return "exponential";
}

std::string describe(const Distribution& distribution)
{
    const std::string low = format_duration(distribution.low);
    const std::string high = format_duration(distribution.high);
    switch (distribution.kind) {
    case Kind::fixed: break;
    case Kind::uniform: return fmt::format("{} to {}", low, high);
    case Kind::log_uniform: return fmt::format("{} to {} (log-uniform)", low, high);
    case Kind::exponential: return fmt::format("about {} (exponential)", low);
    case Kind::normal: return fmt::format("about {} (normal, deviation {})", low, high);
    case Kind::log_normal: return fmt::format("about {} (log-normal, 95th percentile {})", low, high);
    }
    return low;
}

} // namespace wsrace
