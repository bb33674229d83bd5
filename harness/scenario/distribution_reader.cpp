#include "scenario/distribution_reader.hpp"

#include <fmt/format.h>

namespace wsrace {
namespace {

using Kind = Distribution::Kind;

constexpr std::string_view forms =
    "a duration (\"20ms\"), {\"uniform\": [\"1ms\", \"9ms\"]}, {\"log_uniform\": [\"1ms\", \"500ms\"]} or "
    "{\"exponential\": \"20ms\"}";

std::optional<Distribution> read_range(const JsonNode& node, Kind kind)
{
    if (!node.value().is_array() || node.value().size() != 2) {
        node.expected("a list of two durations, the lower bound and the upper bound");
        return std::nullopt;
    }
    const auto bounds = node.items("durations");
    const auto low = kind == Kind::log_uniform ? bounds[0].positive_duration() : bounds[0].duration();
    const auto high = bounds[1].duration();
    if (!low || !high) return std::nullopt;
    if (*low > *high) {
        node.mistake(fmt::format("the lower bound {} is above the upper bound {}", format_duration(*low),
                                 format_duration(*high)));
        return std::nullopt;
    }
    return Distribution{.kind = kind, .low = *low, .high = *high};
}

std::optional<Distribution> read_mean(const JsonNode& node, Kind kind)
{
    const auto mean = kind == Kind::fixed ? node.duration() : node.positive_duration();
    if (!mean) return std::nullopt;
    return Distribution{.kind = kind, .low = *mean, .high = {}};
}

} // namespace

std::optional<Distribution> read_distribution(const JsonNode& node)
{
    if (node.value().is_string()) return read_mean(node, Kind::fixed);
    if (!node.value().is_object() || node.value().size() != 1) {
        node.expected(forms);
        return std::nullopt;
    }
    JsonObject object(node, "a distribution");
    const auto uniform = object.find("uniform");
    const auto log_uniform = object.find("log_uniform");
    const auto exponential = object.find("exponential");
    object.reject_unknown();
    if (uniform) return read_range(*uniform, Kind::uniform);
    if (log_uniform) return read_range(*log_uniform, Kind::log_uniform);
    if (exponential) return read_mean(*exponential, Kind::exponential);
    return std::nullopt;
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
    }
    return low;
}

} // namespace wsrace
