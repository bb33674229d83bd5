// A dependency called "store" behind its proxy, seen from both sides.
#pragma once

#include "faults/blocking_sockets.hpp"
#include "faults/dependency_proxies.hpp"
#include "support/temporary_folder.hpp"

#include <string>
#include <vector>

namespace wsrace::testing {

using Clock = std::chrono::steady_clock;

// Its proxy stops before the folder goes.
struct Proxied {
    explicit Proxied(std::vector<DependencyFault> faults = {}, std::uint64_t seed = 1)
        : proxies{{.dependencies = {{.name = "store", .upstream = {}}},
                   .faults = std::move(faults),
                   .upstream_ports = {{"store", upstream.port()}},
                   .seed = seed,
                   .start = start},
                  HistoryWriter{folder.path() / "history.1001", RunInfo{}}}
    {}

    BlockingSocket connect() const
    {
        const auto& address = proxies.address("store");
        return connect_to(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    }

    // What the history says that the faults did.
    std::vector<std::string> faults_noted()
    {
        proxies.stop();
        std::vector<std::string> texts;
        const auto history = read_history(folder.path());
        for (const auto& event : history.events)
            if (event.kind == EventKind::fault) texts.emplace_back(history.text(event.text));
        if (history.info.truncated) texts.emplace_back("the history is not complete");
        if (!proxies.problem().empty()) texts.push_back(proxies.problem());
        return texts;
    }

    TemporaryFolder folder;
    Listener upstream;
    Clock::time_point start = Clock::now();
    DependencyProxies proxies;
};

inline DependencyFault fault(DependencyFault::Kind kind)
{
    DependencyFault fault;
    fault.kind = kind;
    fault.dependency = "store";
    return fault;
}

inline DependencyFault delay_of(Duration low, Duration high = {})
{
    auto delay = fault(DependencyFault::Kind::delay);
    delay.delay = {.kind = high > low ? Distribution::Kind::uniform : Distribution::Kind::fixed,
                   .low = low,
                   .high = high};
    return delay;
}

} // namespace wsrace::testing
