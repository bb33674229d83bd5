#include "scenario/share_reader.hpp"

#include <charconv>

namespace wsrace {

std::optional<double> read_share(const JsonNode& node)
{
    constexpr std::string_view wanted = "a share of the users above 0 and up to 100 percent, as in \"30%\"";
    double percent = 0;
    if (node.value().is_string()) {
        const auto& text = node.value().get_ref<const std::string&>();
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
        const bool complete = error == std::errc{} && end + 1 == text.data() + text.size() && *end == '%';
        if (complete && percent > 0 && percent <= 100) return percent / 100;
    }
    node.expected(wanted);
    return std::nullopt;
}

} // namespace wsrace
