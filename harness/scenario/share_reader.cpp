#include "scenario/share_reader.hpp"

#include <fmt/format.h>

#include <charconv>

namespace wsrace {

std::optional<double> read_share(const JsonNode& node, std::string_view of)
{
    double percent = 0;
    if (node.is_string()) {
        const auto& text = node.string();
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
        const bool complete = error == std::errc{} && end + 1 == text.data() + text.size() && *end == '%';
        if (complete && percent > 0 && percent <= 100) return percent / 100;
    }
    node.expected(fmt::format("a share of the {} above 0 and up to 100 percent, as in \"30%\"", of));
    return std::nullopt;
}

} // namespace wsrace
