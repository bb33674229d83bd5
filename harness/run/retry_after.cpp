#include "run/retry_after.hpp"

#include <charconv>

namespace wsrace {

std::optional<Duration> parse_retry_after(std::string_view text)
{
    unsigned seconds = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, seconds);
    if (error != std::errc{} || stop != end || seconds > 86'400) return std::nullopt;
    return std::chrono::seconds{seconds};
}

} // namespace wsrace
