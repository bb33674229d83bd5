#include "core/ids.hpp"

#include <fmt/format.h>

namespace wsrace {

std::string to_string(UserId id) { return fmt::format("user {}", id.value); }

std::string to_string(const ConnectionId& id)
{
    auto base = fmt::format("user {}, connection {}", id.user.value, id.slot.value);
    if (id.incarnation == 0) return base;
    return fmt::format("{} (reopened {})", base, id.incarnation);
}

std::string to_string(const RequestId& id)
{
    return fmt::format("user {}, connection {}, request {}", id.user.value, id.slot.value, id.request);
}

} // namespace wsrace
