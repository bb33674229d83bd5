#include "plan/plan_fields.hpp"

#include "scenario/distribution_words.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace wsrace {

namespace {

constexpr std::int64_t longest = 1'000'000'000'000; // eleven days

} // namespace

std::optional<Duration> read_micros(const JsonNode& node)
{
    const auto& value = node.value();
    if (value.is_number_integer()) {
        const auto number = value.is_number_unsigned() && value.get<std::uint64_t>() > longest
                                ? longest + 1
                                : value.get<std::int64_t>();
        if (number >= 0 && number <= longest) return std::chrono::microseconds{number};
    }
    node.expected(fmt::format("a whole number of microseconds from 0 to {}", longest));
    return std::nullopt;
}

bool read_micros(JsonObject& object, std::string_view field, Duration& out)
{
    const auto found = object.find(field);
    const auto time = found ? read_micros(*found) : std::nullopt;
    if (time) out = *time;
    return time.has_value();
}

std::optional<Distribution> read_planned_distribution(const JsonNode& node)
{
    const auto parts = node.value().is_array() ? node.items("parts") : std::vector<JsonNode>{};
    if (parts.size() != 3) {
        node.expected(
            "a distribution: its kind and two times in microseconds, as in [\"uniform\", 1000, 9000]");
        return std::nullopt;
    }
    const auto kind = read_enumerator(parts[0], Distribution::Kind::log_normal, "distribution");
    const auto low = read_micros(parts[1]);
    const auto high = read_micros(parts[2]);
    if (!kind || !low || !high) return std::nullopt;
    return Distribution{.kind = *kind, .low = *low, .high = *high};
}

} // namespace wsrace
