#include "scenario/distribution_reader.hpp"

#include <fmt/format.h>

namespace wsrace {
namespace {

using Kind = Distribution::Kind;

constexpr std::string_view forms =
    "a duration (\"20ms\"), {\"uniform\": [\"1ms\", \"9ms\"]}, {\"log_uniform\": [\"1ms\", \"500ms\"]}, "
    "{\"exponential\": \"20ms\"}, {\"normal\": [\"20ms\", \"5ms\"]} or {\"log_normal\": [\"20ms\", "
    "\"80ms\"]}";

std::optional<Distribution> read_range(const JsonNode& node, Kind kind)
{
    if (!node.is_list() || node.size() != 2) {
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

// Two durations whose meaning is not that of bounds: mean and deviation, median and 95th percentile.
std::optional<Distribution> read_pair(const JsonNode& node, Kind kind)
{
    const auto normal = kind == Kind::normal;
    if (!node.is_list() || node.size() != 2) {
        node.expected(normal ? "a list of two durations, the mean and the standard deviation"
                             : "a list of two durations, the median and the 95th percentile");
        return std::nullopt;
    }
    const auto parts = node.items("durations");
    const auto first = normal ? parts[0].duration() : parts[0].positive_duration();
    const auto second = parts[1].duration();
    if (!first || !second) return std::nullopt;
    if (!normal && *second < *first) {
        node.mistake(fmt::format("the 95th percentile {} is below the median {}", format_duration(*second),
                                 format_duration(*first)));
        return std::nullopt;
    }
    return Distribution{.kind = kind, .low = *first, .high = *second};
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
    if (node.is_string()) return read_mean(node, Kind::fixed);
    if (!node.is_object() || node.size() != 1) {
        node.expected(forms);
        return std::nullopt;
    }
    JsonObject object(node, "a distribution");
    const auto uniform = object.find("uniform");
    const auto log_uniform = object.find("log_uniform");
    const auto exponential = object.find("exponential");
    const auto normal = object.find("normal");
    const auto log_normal = object.find("log_normal");
    object.reject_unknown();
    if (normal) return read_pair(*normal, Kind::normal);
    if (log_normal) return read_pair(*log_normal, Kind::log_normal);
    if (uniform) return read_range(*uniform, Kind::uniform);
    if (log_uniform) return read_range(*log_uniform, Kind::log_uniform);
    if (exponential) return read_mean(*exponential, Kind::exponential);
    return std::nullopt;
}

} // namespace wsrace
