#include "scenario/http_words.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace wsrace {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower(std::string_view text)
{
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

} // namespace

bool is_http_token(std::string_view text)
{
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return is_letter(c) || is_digit(c) || marks.find(c) != std::string_view::npos;
    });
}

bool is_reserved_header(std::string_view name)
{
    constexpr std::array<std::string_view, 5> reserved{"authorization", "connection", "cookie", "host",
                                                       "upgrade"};
    const std::string lowered = lower(name);
    return lowered.starts_with("sec-websocket-") ||
           std::find(reserved.begin(), reserved.end(), lowered) != reserved.end();
}

bool is_variable_name(std::string_view text)
{
    return !text.empty() && !is_digit(text.front()) && std::all_of(text.begin(), text.end(), [](char c) {
        return is_letter(c) || is_digit(c) || c == '_';
    });
}

} // namespace wsrace
