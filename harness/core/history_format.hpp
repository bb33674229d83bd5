// The bytes of a history file, shared by its writer and its reader only.
#pragma once

#include "core/event.hpp"

#include <bit>
#include <cstdint>
#include <string_view>

namespace wsrace::history_format {

static_assert(std::endian::native == std::endian::little, "histories are little endian");

inline constexpr std::string_view magic = "wsraceh1";

enum class TextKind : std::uint32_t {
    symbol,      // an interned string
    run_info,    // RunInfo as JSON: the first record
    interrupted, // no text: the plan was not played to its end
    complete,    // no text: the last record; a file without it is what a crash has left
};

struct TextHead {
    std::uint32_t length = 0;
    std::uint32_t kind_and_sign = 0; // the sign bit of the record's first 8 bytes tells it from an Event
    std::uint32_t symbol = 0;
    std::uint32_t zero = 0;

    static constexpr std::uint32_t sign = 0x80000000U;
    TextKind kind() const { return static_cast<TextKind>(kind_and_sign & ~sign); }
};
static_assert(sizeof(TextHead) == 16);

constexpr std::size_t padded(std::size_t length) { return (length + 7) & ~std::size_t{7}; }

} // namespace wsrace::history_format
