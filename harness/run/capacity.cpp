#include "run/capacity.hpp"

#include <fmt/format.h>

#include <sys/resource.h>

#include <fstream>

namespace wsrace {

namespace {

constexpr std::uint64_t own_descriptors = 64; // files, pipes, timers, the target's output
constexpr std::uint64_t at_a_proxy = 2;       // of the harness's own: both ends of another connection
constexpr std::uint64_t plain_bytes =
    std::uint64_t{24} * 1024; // per connection while a journey is under way, generously
constexpr std::uint64_t tls_bytes = std::uint64_t{96} * 1024;

std::uint64_t raise_descriptor_limit()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

std::uint64_t local_ports()
{
    std::ifstream file{"/proc/sys/net/ipv4/ip_local_port_range"};
    std::uint64_t first = 0, last = 0;
    if (!(file >> first >> last) || last < first) return 28'000; // Linux's default range
    return last - first + 1;
}

std::uint64_t available_memory()
{
    std::ifstream file{"/proc/meminfo"};
    std::string name;
    std::uint64_t kilobytes = 0;
    while (file >> name >> kilobytes) {
        if (name == "MemAvailable:") return kilobytes * 1024;
        file.ignore(16, '\n');
    }
    return std::uint64_t{1} << 30U;
}

} // namespace

Capacity measure_capacity()
{
    return {
        .descriptors = raise_descriptor_limit(), .ports = local_ports(), .memory_bytes = available_memory()};
}

std::vector<std::string> shortages(const Scenario& scenario, bool tls, const Capacity& capacity)
{
    auto per_user = std::uint64_t{scenario.connections};
    for (const auto& behaviour : scenario.behaviours)
        per_user = std::max<std::uint64_t>(per_user, behaviour.connections);
    const auto connections = scenario.users * per_user;
    const auto behind_ingress = scenario.target.server && scenario.target.server->ingress;
    const auto per_connection =
        1 + (scenario.link_faults.empty() ? 0 : at_a_proxy) + (behind_ingress ? at_a_proxy : 0);
    const auto bytes = tls ? tls_bytes : plain_bytes;
    std::vector<std::string> out;
    const auto require = [&](std::string_view what, std::uint64_t needed, std::uint64_t there,
                             std::uint64_t fit) {
        if (needed <= there) return;
        out.push_back(
            fmt::format("{} users with {} connection{} each need {} {}; there are {}: at most {} users fit",
                        scenario.users, per_user, per_user == 1 ? "" : "s", needed, what, there, fit));
    };
    const auto usable = capacity.descriptors > own_descriptors ? capacity.descriptors - own_descriptors : 0;
    require("file descriptors", connections * per_connection + own_descriptors, capacity.descriptors,
            usable / per_connection / per_user);
    require("local ports", connections, capacity.ports, capacity.ports / per_user);
    require("bytes of memory", connections * bytes, capacity.memory_bytes,
            capacity.memory_bytes / bytes / per_user);
    return out;
}

} // namespace wsrace
