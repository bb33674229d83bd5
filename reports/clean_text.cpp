#include "reports/clean_text.hpp"

#include "core/redact.hpp"

#include <fmt/format.h>

#include <optional>

namespace wsrace {

namespace {

struct Character {
    char32_t code = 0;
    std::size_t size = 0; // in bytes
};

// The character at `at`, unless it is malformed, overlong, a surrogate or beyond Unicode.
std::optional<Character> decode(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto lead = byte(at);
    if (lead < 0x80) return Character{lead, 1};
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || at + size > text.size()) return std::nullopt;
    char32_t code = lead & (0x7Fu >> size);
    for (std::size_t i = at + 1; i < at + size; ++i) {
        if ((byte(i) & 0xC0u) != 0x80) return std::nullopt;
        code = (code << 6) | (byte(i) & 0x3Fu);
    }
    const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (overlong || surrogate || code > 0x10FFFF) return std::nullopt;
    return Character{code, size};
}

// Controls (C0 but for line end and tab, DEL, C1), line and paragraph separators, bidirectional controls, the
// byte order mark, and the code points that are no characters.
bool steers(char32_t code)
{
    if (code == '\n' || code == '\t') return false;
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x61C || code == 0x200E ||
           code == 0x200F || (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
           code == 0xFEFF || (code & 0xFFFE) == 0xFFFE || (code >= 0xFDD0 && code <= 0xFDEF);
}

std::string spell_out(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const auto character = decode(text, i);
        if (!character) {
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(text[i++]));
            continue;
        }
        if (!steers(character->code))
            out.append(text.substr(i, character->size));
        else if (character->code < 0x80)
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned>(character->code));
        else
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(character->code));
        i += character->size;
    }
    return out;
}

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0u) == 0x80; }

} // namespace

std::string clean_text(std::string_view text, std::size_t limit)
{
    auto clean = spell_out(redact(text));
    if (clean.size() <= limit) return clean;
    auto end = limit;
    while (end > 0 && continues_character(clean[end])) --end;
    const auto left_out = clean.size() - end;
    clean.resize(end);
    return clean + fmt::format(" [... {} more bytes]", left_out);
}

std::string one_line(std::string_view clean, std::size_t limit)
{
    std::string line;
    std::size_t characters = 0;
    for (std::size_t i = 0; i < clean.size(); ++i) {
        const bool blank = clean[i] == ' ' || clean[i] == '\n' || clean[i] == '\t';
        if (blank && (line.empty() || line.back() == ' ')) continue;
        if (!continues_character(clean[i]) && ++characters > limit) return line + "...";
        line += blank ? ' ' : clean[i];
    }
    if (line.ends_with(' ')) line.pop_back();
    return line;
}

std::string grouped(std::size_t number)
{
    auto digits = std::to_string(number);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), " ");
    return digits;
}

} // namespace wsrace
