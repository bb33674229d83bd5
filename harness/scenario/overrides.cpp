#include "scenario/overrides.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <optional>
#include <string_view>
#include <variant>

namespace wsrace {
namespace {

using PathPart = std::variant<std::string, std::size_t>; // a field or a list index

std::optional<PathPart> take_index(std::string_view& rest)
{
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), index);
    const auto length = static_cast<std::size_t>(end - rest.data());
    if (error != std::errc{} || length >= rest.size() || *end != ']') return std::nullopt;
    rest.remove_prefix(length + 1);
    return index;
}

std::optional<PathPart> take_field(std::string_view& rest)
{
    if (rest.front() == '.') rest.remove_prefix(1);
    const std::string field(rest.substr(0, rest.find_first_of(".[")));
    if (field.empty()) return std::nullopt;
    rest.remove_prefix(field.size());
    return field;
}

// "users.count" or "$.faults[0].delay"; nothing if it is not a path.
std::optional<std::vector<PathPart>> split_path(std::string_view rest)
{
    if (rest.starts_with("$.")) rest.remove_prefix(2);
    if (rest.empty() || rest.front() == '.') return std::nullopt;
    std::vector<PathPart> parts;
    while (!rest.empty()) {
        auto part = rest.front() == '[' ? take_index(rest) : take_field(rest);
        if (!part) return std::nullopt;
        parts.push_back(std::move(*part));
    }
    return parts;
}

// The place that `parts` name, made where it is missing; else null and the reason in `why`.
Json* locate(Json& document, const std::vector<PathPart>& parts, std::string& why)
{
    Json* at = &document;
    std::string path = "$";
    for (const PathPart& part : parts) {
        if (const auto* field = std::get_if<std::string>(&part)) {
            if (!at->is_object() && !at->is_null()) {
                why = fmt::format("{} is not an object, it has no field \"{}\"", path, *field);
                return nullptr;
            }
            at = &(*at)[*field];
            path = member_path(path, *field);
        } else {
            const std::size_t index = std::get<std::size_t>(part);
            if (!at->is_array() || index >= at->size()) {
                why = at->is_array() ? fmt::format("{} has {} items, numbered from 0", path, at->size())
                                     : fmt::format("{} is not a list", path);
                return nullptr;
            }
            at = &(*at)[index];
            path = item_path(path, index);
        }
    }
    return at;
}

Json value_of(const std::string& text)
{
    std::vector<Problem> ignored;
    Mistakes mistakes("--set", ignored);
    auto parsed = parse_strict_json(text, mistakes);
    return parsed ? *std::move(parsed) : Json(text);
}

} // namespace

void apply_overrides(Json& document, const std::vector<std::pair<std::string, std::string>>& overrides,
                     std::vector<Problem>& problems)
{
    Mistakes mistakes("--set", problems);
    for (const auto& [path, value] : overrides) {
        const auto parts = split_path(path);
        if (!parts) {
            mistakes.add(path, "not a path; expected one such as users.count or faults[0].delay");
            continue;
        }
        std::string why;
        Json changed = document; // a path that fails half-way leaves nothing behind
        Json* const place = locate(changed, *parts, why);
        if (place == nullptr) {
            mistakes.add(path, why);
            continue;
        }
        *place = value_of(value);
        document = std::move(changed);
    }
}

} // namespace wsrace
