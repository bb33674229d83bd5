// What a JSON Schema of the project has against a document.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace wsrace {

// `schema` is a path below the project's folder. Empty: the document satisfies it.
std::string schema_complaints(const std::string& schema, const nlohmann::json& document);

} // namespace wsrace
