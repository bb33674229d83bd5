#include "scenario/placeholders.hpp"

#include <algorithm>

namespace wsrace {

bool check_placeholders(const JsonNode& node, std::span<const std::string_view> known)
{
    if (!node.is_string()) return true; // another mistake's business
    const std::string_view text = node.string();
    bool right = true;
    for (auto open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
        const auto end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", open + 1);
        if (end == std::string_view::npos || text[end] != '}' || end == open + 1) continue;
        const std::string_view word = text.substr(open + 1, end - open - 1);
        if (std::find(known.begin(), known.end(), word) != known.end()) continue;
        node.mistake(unknown_name("placeholder", word, {known.begin(), known.end()}));
        right = false;
    }
    return right;
}

} // namespace wsrace
