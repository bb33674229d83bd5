#include "scenario/connection_span_reader.hpp"

#include <fmt/format.h>

#include <limits>

namespace wsrace {

std::optional<ConnectionSpan> read_connection_span(const JsonNode& node, std::string_view alternative)
{
    constexpr auto most = std::numeric_limits<std::uint32_t>::max() - 1;
    if (!node.is_list() || node.size() != 2) {
        node.expected(fmt::format("{}a list of two numbers, the first connection and the last one, counted "
                                  "from 0",
                                  alternative));
        return std::nullopt;
    }
    const auto bounds = node.items("numbers");
    const auto first = bounds[0].integer(0, most);
    const auto last = bounds[1].integer(0, most);
    if (!first || !last) return std::nullopt;
    if (*first > *last) {
        node.mistake(fmt::format("the first connection, {}, is behind the last one, {}", *first, *last));
        return std::nullopt;
    }
    return ConnectionSpan{static_cast<std::uint32_t>(*first), static_cast<std::uint32_t>(*last)};
}

} // namespace wsrace
