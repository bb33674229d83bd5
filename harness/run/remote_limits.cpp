#include "run/remote_limits.hpp"

#include <fmt/format.h>

#include <fnmatch.h>

#include <algorithm>
#include <map>

namespace wsrace {

namespace {

constexpr std::string_view separators = ", \t\n";

std::uint32_t largest_gate(const Plan& plan)
{
    std::map<std::pair<std::uint16_t, std::uint32_t>, std::size_t> members;
    std::size_t largest = 0;
    for (const auto& gate : plan.gates)
        largest = std::max(largest, members[{gate.number, gate.group}] += gate.members.size());
    return static_cast<std::uint32_t>(largest);
}

} // namespace

std::string denied_by(std::string_view host, std::string_view patterns)
{
    if (host.ends_with('.')) host.remove_suffix(1); // the same host, fully qualified
    const std::string name{host};
    while (true) {
        const auto begin = patterns.find_first_not_of(separators);
        if (begin == std::string_view::npos) return {};
        patterns.remove_prefix(begin);
        const std::string pattern{patterns.substr(0, patterns.find_first_of(separators))};
        if (::fnmatch(pattern.c_str(), name.c_str(), FNM_CASEFOLD | FNM_NOESCAPE) == 0) return pattern;
        patterns.remove_prefix(pattern.size());
    }
}

std::uint32_t peak_connections(const Plan& plan)
{
    std::vector<std::pair<Duration, std::uint32_t>> arrivals;
    for (const auto& user : plan.users) arrivals.emplace_back(user.arrival, plan.role(user).connections);
    std::sort(arrivals.begin(), arrivals.end());
    std::uint32_t most = 0;
    std::uint32_t within = 0;
    std::size_t first = 0;
    for (const auto& [at, connections] : arrivals) {
        within += connections;
        while (at - arrivals[first].first >= std::chrono::seconds{1}) within -= arrivals[first++].second;
        most = std::max(most, within);
    }
    return std::max(most, largest_gate(plan));
}

std::vector<std::string> beyond(const RemoteLimits& limits, const Plan& plan, std::string_view host)
{
    std::vector<std::string> out;
    const auto add = [&](std::uint64_t planned, std::uint64_t allowed, std::string_view what,
                         std::string_view option) {
        if (planned > allowed)
            out.push_back(
                fmt::format("{} {} against {}, which is not this machine and was not started by the "
                            "harness; expected at most {}; give {} {} if it may have them",
                            planned, what, host, allowed, option, planned));
    };
    add(plan.users.size(), limits.users, "users", "--remote-users");
    add(peak_connections(plan), limits.connections_per_second, "new connections within a second",
        "--remote-rate");
    return out;
}

} // namespace wsrace
