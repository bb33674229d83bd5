#include "scenario/size_reader.hpp"

#include <array>
#include <charconv>
#include <string>
#include <utility>

namespace wsrace {

std::optional<std::uint64_t> read_size(const JsonNode& node)
{
    constexpr std::array<std::pair<std::string_view, unsigned>, 3> units{
        {{"KiB", 10U}, {"MiB", 20U}, {"GiB", 30U}}};
    const auto text = node.is_string() ? node.string() : std::string{};
    std::uint64_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    for (const auto& [unit, shift] : units)
        if (error == std::errc{} && number > 0 && number < (1U << 20U) &&
            rest == text.data() + text.size() - 3 && text.ends_with(unit))
            return number << shift;
    node.expected("a size, as in \"64MiB\" (units: KiB, MiB, GiB)");
    return std::nullopt;
}

} // namespace wsrace
