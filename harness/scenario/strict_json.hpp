// JSON text to a document, strictly: what other parsers let pass (a field that stands twice) is a mistake.
#pragma once

#include "scenario/mistakes.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace wsrace {

using Json = nlohmann::json;

// The document, unless it has mistakes: syntax (path "line 3, column 7"), duplicate fields, nesting beyond
// any scenario's.
std::optional<Json> parse_strict_json(std::string_view text, Mistakes& mistakes);

// "$.users" and "count" give "$.users.count"; a name that is not a plain word is written in brackets.
std::string member_path(const std::string& path, std::string_view field);
std::string item_path(const std::string& path, std::size_t index);

} // namespace wsrace
