// What users of the harness and its ingress say to one another in HTTP headers.
#pragma once

#include <string_view>

namespace wsrace::ingress {

// Whose request it is: "17" (user), for an upgrade "17.0.2" (user, slot, incarnation). It is taken out before
// the target sees the request. A client that does not send it is served like any other.
inline constexpr std::string_view caller_header = "X-Wsrace-Caller";

// The cookie of affinity by cookie: its value names an instance.
inline constexpr std::string_view affinity_cookie = "wsrace_instance";

} // namespace wsrace::ingress
