// What stands in a plan again and again: times in microseconds, distributions, places.
#pragma once

#include "plan/plan.hpp"
#include "scenario/json_node.hpp"

#include <optional>

namespace wsrace {

// A whole number of microseconds, not negative.
std::optional<Duration> read_micros(const JsonNode& node);

// Leaves `out` as it is when the field is absent or wrong, and says whether it was set.
bool read_micros(JsonObject& object, std::string_view field, Duration& out);

// ["uniform", 1000, 9000]: the kind and its two times.
std::optional<Distribution> read_planned_distribution(const JsonNode& node);

// [3, 5]: the first and the last connection.
template <typename Fault>
void read_planned_span(JsonObject& object, Fault& fault)
{
    const auto span = object.find("connections");
    if (!span) return;
    const auto bounds = span->items("two numbers");
    if (bounds.size() != 2)
        return span->expected("a list of two numbers, the first connection and the last one");
    const auto first = bounds[0].integer(0, std::numeric_limits<std::uint32_t>::max());
    const auto last = bounds[1].integer(0, std::numeric_limits<std::uint32_t>::max());
    if (!first || !last) return;
    if (*first > *last) return span->mistake("the first connection is behind the last one");
    fault.first_connection = static_cast<std::uint32_t>(*first);
    fault.last_connection = static_cast<std::uint32_t>(*last);
}

// One of an enumeration's values by its name; `last` is its last enumerator.
template <typename Enum>
std::optional<Enum> read_enumerator(const JsonNode& node, Enum last, std::string_view kind)
{
    std::vector<std::string_view> names;
    for (int value = 0; value <= static_cast<int>(last); ++value)
        names.push_back(name(static_cast<Enum>(value)));
    const auto place = node.place_among(names, kind);
    if (!place) return std::nullopt;
    return static_cast<Enum>(*place);
}

template <typename Enum>
bool read_enumerator(JsonObject& object, std::string_view field, Enum last, Enum& out, std::string_view kind)
{
    const auto found = object.find(field);
    const auto value = found ? read_enumerator(*found, last, kind) : std::nullopt;
    if (value) out = *value;
    return value.has_value();
}

} // namespace wsrace
