#include "scenario/pattern.hpp"

#include <fmt/format.h>

#include <regex>

namespace wsrace {

bool check_pattern(const JsonNode& node, const std::string& pattern)
{
    try {
        std::regex{pattern};
        return true;
    } catch (const std::regex_error& error) {
        node.mistake(fmt::format("not a regular expression (ECMAScript): {}", error.what()));
        return false;
    }
}

} // namespace wsrace
