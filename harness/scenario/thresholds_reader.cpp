#include "scenario/thresholds_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace wsrace {
namespace {

// The product's critical level is five times its warning level, for every metric with two levels.
constexpr double critical_ratio = 5;

bool is_off(const JsonNode& node) { return node.is_boolean() && !node.is_true(); }

// Rates of success in the file, rates of failure in memory; 1 - 0.99 is not quite 0.01 in binary, so it is
// rounded.
double failure_rate(double success) { return std::round((1 - success) * 1e9) / 1e9; }

std::optional<double> read_level(JsonObject& object, std::string_view field, double least, double most)
{
    const auto node = object.find(field);
    return node ? node->number(least, most) : std::nullopt;
}

// 0.99, {"warning": 0.99, "critical": 0.95} or false.
void read_success(const JsonNode& node, Limits& limits)
{
    if (is_off(node)) {
        limits = {};
        return;
    }
    if (!node.is_object()) {
        const auto success = node.number(0, 1);
        if (!success) return;
        const double failures = failure_rate(*success);
        limits = {.warning = failures, .critical = std::min(1.0, critical_ratio * failures)};
        return;
    }
    JsonObject object(node, "a service level");
    const auto warning = read_level(object, "warning", 0, 1);
    const auto critical = read_level(object, "critical", 0, 1);
    object.reject_unknown();
    if (node.size() == 0) node.mistake("expected a level: \"warning\", \"critical\" or both");
    if (warning && critical && *warning < *critical)
        node.mistake(
            "the warning level is below the critical one: a success rate falls through warning first");
    limits = {};
    if (warning) limits.warning = failure_rate(*warning);
    if (critical) limits.critical = failure_rate(*critical);
}

// 1, {"warning": 1, "critical": 5} or false.
void read_count(const JsonNode& node, Limits& limits)
{
    constexpr double most = 1e15;
    if (is_off(node)) {
        limits = {};
        return;
    }
    if (!node.is_object()) {
        const auto count = node.number(0, most);
        if (count) limits = {.warning = *count, .critical = critical_ratio * *count};
        return;
    }
    JsonObject object(node, "a service level");
    limits = {.warning = read_level(object, "warning", 0, most),
              .critical = read_level(object, "critical", 0, most)};
    object.reject_unknown();
    if (node.size() == 0) node.mistake("expected a level: \"warning\", \"critical\" or both");
    if (limits.warning && limits.critical && *limits.warning > *limits.critical)
        node.mistake("the warning level is above the critical one");
}

// "100ms" or false.
void read_latency(const JsonNode& node, std::optional<Duration>& limit)
{
    if (is_off(node)) {
        limit.reset();
    } else if (const auto value = node.positive_duration()) {
        limit = value;
    }
}

} // namespace

void read_thresholds(const JsonNode& node, Thresholds& thresholds)
{
    JsonObject object(node, "the thresholds");
    const auto connection_success = object.find("connection_success");
    const auto golden_path = object.find("golden_path");
    const auto p95 = object.find("event_latency_p95");
    const auto p99 = object.find("event_latency_p99");
    const auto missing = object.find("events_missing_per_hour");
    object.reject_unknown();
    if (connection_success) read_success(*connection_success, thresholds.connection_failures);
    if (golden_path) read_success(*golden_path, thresholds.golden_path_failures);
    if (p95) read_latency(*p95, thresholds.event_latency_p95);
    if (p99) read_latency(*p99, thresholds.event_latency_p99);
    if (missing) read_count(*missing, thresholds.events_missing_per_hour);
    if (thresholds.event_latency_p95 && thresholds.event_latency_p99 &&
        *thresholds.event_latency_p95 > *thresholds.event_latency_p99)
        node.mistake(fmt::format("event_latency_p95 ({}) is above event_latency_p99 ({}{})",
                                 format_duration(*thresholds.event_latency_p95),
                                 format_duration(*thresholds.event_latency_p99), p99 ? "" : ", the default"));
}

} // namespace wsrace
