// Fingerprints: two documents with the same digest are the same document.
#pragma once

#include <string>
#include <string_view>

namespace wsrace {

// SHA-256 as 64 hexadecimal digits in lower case.
std::string sha256_hex(std::string_view bytes);

} // namespace wsrace
