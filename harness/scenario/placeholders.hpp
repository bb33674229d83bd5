// The words in braces that are filled in later: "hello {canary}".
#pragma once

#include "scenario/json_node.hpp"

#include <array>
#include <span>
#include <string_view>

namespace wsrace {

inline constexpr std::array<std::string_view, 4> request_placeholders{"canary", "user", "connection",
                                                                      "request"};

// Of a request's thread: somebody else's number, too.
inline constexpr std::array<std::string_view, 5> thread_placeholders{"canary", "user", "connection",
                                                                     "request", "other_user"};

// Each `{word}` in the string must be one of `known`; other braces are ordinary text. False after a mistake.
bool check_placeholders(const JsonNode& node, std::span<const std::string_view> known);

} // namespace wsrace
