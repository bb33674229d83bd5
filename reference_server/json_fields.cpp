#include "reference_server/json_fields.hpp"

#include <boost/json.hpp>

namespace wsrace::reference {

namespace json = boost::json;

std::optional<json::object> parse_object(std::string_view text)
{
    json::error_code error;
    auto value = json::parse(text, error);
    if (error || !value.is_object()) return std::nullopt;
    return std::move(value.get_object());
}

std::string string_field(const json::object& object, std::string_view name)
{
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return {};
    return std::string{std::string_view{value->get_string()}};
}

int int_field(const json::object& object, std::string_view name, int low, int high, int fallback)
{
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_int64()) return fallback;
    const auto number = value->get_int64();
    return number < low || number > high ? fallback : static_cast<int>(number);
}

const json::object* object_field(const json::object& object, std::string_view name)
{
    const auto* value = object.if_contains(name);
    return value == nullptr ? nullptr : value->if_object();
}

} // namespace wsrace::reference
