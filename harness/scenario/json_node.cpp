#include "scenario/json_node.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace wsrace {
namespace {

// Sums of durations, and draws around them, must fit 64 bits of nanoseconds.
constexpr Duration longest_duration = std::chrono::hours{1000};

std::string describe(const Json& value)
{
    if (value.is_object()) return "an object";
    if (value.is_array()) return value.empty() ? "an empty list" : "a list";
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

template <typename Value>
bool assign(std::optional<Value> value, Value& out)
{
    if (value) out = std::move(*value);
    return value.has_value();
}

} // namespace

bool JsonNode::is_object() const { return value_->is_object(); }
bool JsonNode::is_list() const { return value_->is_array(); }
bool JsonNode::is_string() const { return value_->is_string(); }
bool JsonNode::is_boolean() const { return value_->is_boolean(); }
bool JsonNode::is_number() const { return value_->is_number(); }
std::size_t JsonNode::size() const { return value_->size(); }
bool JsonNode::has(std::string_view field) const { return is_object() && value_->contains(field); }
const std::string& JsonNode::string() const { return value_->get_ref<const std::string&>(); }
bool JsonNode::is_true() const { return *value_ == true; }

void JsonNode::expected(std::string_view what) const
{
    mistake(fmt::format("expected {}, found {}", what, describe(value())));
}

std::optional<std::string> JsonNode::text() const
{
    if (value().is_string()) return value().get<std::string>();
    expected("a string");
    return std::nullopt;
}

std::optional<std::string> JsonNode::word() const
{
    if (value().is_string() && !value().get_ref<const std::string&>().empty())
        return value().get<std::string>();
    expected("a string that is not empty");
    return std::nullopt;
}

std::optional<bool> JsonNode::boolean() const
{
    if (value().is_boolean()) return value().get<bool>();
    expected("true or false");
    return std::nullopt;
}

std::optional<std::int64_t> JsonNode::integer(std::int64_t least, std::int64_t most) const
{
    const bool whole = value().is_number_integer();
    const bool beyond =
        value().is_number_unsigned() &&
        value().get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
    if (whole && !beyond) {
        const auto number = value().get<std::int64_t>();
        if (number >= least && number <= most) return number;
    }
    expected(fmt::format("a whole number from {} to {}", least, most));
    return std::nullopt;
}

std::optional<double> JsonNode::number(double least, double most) const
{
    if (value().is_number()) {
        const auto number = value().get<double>();
        if (number >= least && number <= most) return number;
    }
    expected(most < 1e12 ? fmt::format("a number from {} to {}", least, most)
                         : fmt::format("a number of at least {}", least));
    return std::nullopt;
}

std::optional<Duration> JsonNode::duration() const
{
    if (value().is_string()) {
        const auto parsed = parse_duration(value().get_ref<const std::string&>());
        if (parsed && *parsed <= longest_duration) return parsed;
        if (parsed) {
            expected("a duration of at most \"1000h\"");
            return std::nullopt;
        }
    }
    expected("a duration such as \"250us\", \"5ms\", \"1.5s\", \"2m\"");
    return std::nullopt;
}

std::optional<Duration> JsonNode::positive_duration() const
{
    const auto parsed = duration();
    if (!parsed || *parsed > Duration::zero()) return parsed;
    expected("a duration above zero");
    return std::nullopt;
}

std::vector<JsonNode> JsonNode::items(std::string_view what) const
{
    std::vector<JsonNode> nodes;
    if (!value().is_array()) {
        expected(fmt::format("a list of {}", what));
        return nodes;
    }
    for (std::size_t i = 0; i < value().size(); ++i)
        nodes.emplace_back(value()[i], item_path(path(), i), mistakes());
    return nodes;
}

std::vector<std::string> JsonNode::words(std::string_view what) const
{
    std::vector<std::string> result;
    for (const JsonNode& item : items(what)) {
        const auto word = item.word();
        if (!word) continue;
        if (std::find(result.begin(), result.end(), *word) != result.end())
            item.mistake(fmt::format("\"{}\" stands twice in this list", *word));
        else
            result.push_back(*word);
    }
    return result;
}

std::optional<std::size_t> JsonNode::place_among(const std::vector<std::string_view>& names,
                                                 std::string_view kind) const
{
    if (!value().is_string()) {
        expected(alternatives(names));
        return std::nullopt;
    }
    const auto& found = value().get_ref<const std::string&>();
    const auto at = std::find(names.begin(), names.end(), found);
    if (at != names.end()) return static_cast<std::size_t>(at - names.begin());
    mistake(unknown_name(kind, found, names));
    return std::nullopt;
}

JsonObject::JsonObject(const JsonNode& node, std::string_view what)
    : node_(node), valid_(node.value().is_object())
{
    if (!valid_) node_.expected(fmt::format("an object that describes {}", what));
}

std::optional<JsonNode> JsonObject::find(std::string_view field)
{
    known_.emplace(field);
    if (!valid_) return std::nullopt;
    const auto at = node_.value().find(field);
    if (at == node_.value().end()) return std::nullopt;
    return JsonNode(*at, member_path(node_.path(), field), node_.mistakes());
}

std::optional<JsonNode> JsonObject::require(std::string_view field, std::string_view what)
{
    auto found = find(field);
    if (!found && valid_) node_.mistake(fmt::format("the field \"{}\" is missing: {}", field, what));
    return found;
}

bool JsonObject::read_text(std::string_view field, std::string& out)
{
    const auto found = find(field);
    return found && assign(found->text(), out);
}

bool JsonObject::read_word(std::string_view field, std::string& out)
{
    const auto found = find(field);
    return found && assign(found->word(), out);
}

bool JsonObject::read_bool(std::string_view field, bool& out)
{
    const auto found = find(field);
    return found && assign(found->boolean(), out);
}

bool JsonObject::read_duration(std::string_view field, Duration& out)
{
    const auto found = find(field);
    return found && assign(found->positive_duration(), out);
}

bool JsonObject::read_words(std::string_view field, std::vector<std::string>& out, std::string_view what)
{
    const auto found = find(field);
    if (!found || !found->value().is_array()) {
        if (found) found->expected(fmt::format("a list of {}", what));
        return false;
    }
    out = found->words(what);
    return true;
}

std::vector<std::pair<std::string, JsonNode>> JsonObject::members() const
{
    std::vector<std::pair<std::string, JsonNode>> result;
    if (!valid_) return result;
    for (const auto& [field, value] : node_.value().items())
        result.emplace_back(field, JsonNode(value, member_path(node_.path(), field), node_.mistakes()));
    return result;
}

void JsonObject::reject_unknown() const
{
    const std::vector<std::string_view> known(known_.begin(), known_.end());
    for (const auto& [field, member] : members())
        if (!known_.contains(field)) member.mistake(unknown_name("field", field, known));
}

} // namespace wsrace
