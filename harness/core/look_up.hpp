// The word for an enumerator whose words stand in its order.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace wsrace {

// "invalid" for a value that is none of the enumerators, as a damaged file may hold.
template <typename Enum, std::size_t Count>
std::string_view look_up(const std::array<std::string_view, Count>& names, Enum value)
{
    const auto index = static_cast<std::size_t>(value);
    return index < Count ? names[index] : "invalid";
}

} // namespace wsrace
