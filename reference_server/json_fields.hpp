// Reading JSON that came from outside: nothing here throws.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace wsrace::reference {

// Nothing when the text is not JSON, is nested too deeply or is not an object.
std::optional<boost::json::object> parse_object(std::string_view text);

// The string under `name`, or the empty string when it is missing or of another type.
std::string string_field(const boost::json::object& object, std::string_view name);

// The integer under `name` if it is one within [low, high], else `fallback`.
int int_field(const boost::json::object& object, std::string_view name, int low, int high, int fallback);

// The object under `name`, or null.
const boost::json::object* object_field(const boost::json::object& object, std::string_view name);

} // namespace wsrace::reference
