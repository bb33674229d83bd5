// What the kernel counts of a connection.
#pragma once

#include <cstdint>

namespace wsrace::testing {

// Segments that have come in, those without data included.
std::uint32_t received_segments(int socket);

} // namespace wsrace::testing
