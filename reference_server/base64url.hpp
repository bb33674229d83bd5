// RFC 4648 base64url without padding, strict.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wsrace::reference {

std::string base64url_encode(std::string_view bytes);

// Trailing '=' are tolerated; anything else outside the alphabet, or an impossible length, gives nothing.
std::optional<std::string> base64url_decode(std::string_view text);

} // namespace wsrace::reference
