#include "checks/retry_delay.hpp"

#include <charconv>

namespace wsrace {

std::optional<Duration> retry_delay(std::string_view text)
{
    constexpr unsigned longest = 1'000'000'000; // beyond that it would not fit a duration
    unsigned seconds = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, seconds);
    if (error != std::errc{} || stop != end || seconds > longest) return std::nullopt;
    return std::chrono::seconds{seconds};
}

bool is_http_date(std::string_view text)
{
    // A: a letter of a name, 9: a digit; the preferred form, which is the only one that may be sent.
    constexpr std::string_view form = "AAA, 99 AAA 9999 99:99:99 GMT";
    if (text.size() != form.size()) return false;
    for (std::size_t i = 0; i < form.size(); ++i) {
        const char c = text[i];
        const bool digit = c >= '0' && c <= '9';
        const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        const bool fits = form[i] == '9' ? digit : (form[i] == 'A' ? letter : c == form[i]);
        if (!fits) return false;
    }
    return true;
}

} // namespace wsrace
