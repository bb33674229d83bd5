// What may be done to a target that the harness did not start and that is not on this machine. Pure.
#pragma once

#include "plan/plan.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

// More than this somebody has to ask for: --remote-users, --remote-rate.
struct RemoteLimits {
    std::uint32_t users = 50;
    std::uint32_t connections_per_second = 20;
};

// The variable with the patterns of hosts that nothing may be sent to, separated by commas or blanks.
inline constexpr const char* deny_list_variable = "WSRACE_DENY_HOSTS";

// The first of the patterns (* and ?, in either case of letters) that the host's name or address matches;
// empty: none.
std::string denied_by(std::string_view host, std::string_view patterns);

// The most connections of the plan that begin within one second, whenever that second begins: what a user of
// several connections opens counts as opened on arrival, the members of one gate as opened together.
std::uint32_t peak_connections(const Plan& plan);

// What of the plan is more than the limits allow, one sentence each.
std::vector<std::string> beyond(const RemoteLimits& limits, const Plan& plan, std::string_view host);

} // namespace wsrace
