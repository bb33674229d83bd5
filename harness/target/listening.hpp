// Whether somebody listens on a port, asked of the kernel: a connection to find out would be one that the
// server sees.
#pragma once

#include <cstdint>

namespace wsrace {

// True when a TCP socket of this network namespace listens on `port`, on whatever address. Some tens of
// microseconds.
bool is_listening(std::uint16_t port);

} // namespace wsrace
