// A server as a pure function: what a user meets who arrives at an offset, in a boot that jitters.
#pragma once

#include "core/random.hpp"
#include "explore/window_search.hpp"

#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_real_distribution.hpp>

#include <optional>
#include <vector>

namespace wsrace::test {

struct SyntheticServer {
    Duration good_from{}; // before: 503 with Retry-After
    std::optional<std::pair<Duration, Duration>> window{};
    ArrivalOutcome in_window = ArrivalOutcome::internal_error;
    std::optional<ArrivalOutcome> or_else{}; // half of the users in the window meet this instead
    double failing = 1;                      // share of users in the window who fail at all
    double jitter_ms = 1;                    // standard deviation, of the whole boot
    double outliers = 0;                     // share of users who meet something bad wherever they arrive
};

inline std::vector<Probe> boot(const SyntheticServer& server, const std::vector<Duration>& places,
                               std::uint32_t number, RandomEngine& random)
{
    boost::random::normal_distribution<double> normal{0, server.jitter_ms};
    boost::random::uniform_real_distribution<double> uniform{0, 1};
    const auto shift = Duration{static_cast<std::int64_t>(normal(random) * 1e6)};
    std::vector<Probe> probes;
    for (const auto place : places) {
        Probe probe{.at = place, .boot = number, .user = static_cast<std::uint32_t>(probes.size())};
        const auto at = place - shift;
        if (at < server.good_from) probe.outcome = ArrivalOutcome::retry_later;
        const auto inside = server.window && at >= server.window->first && at < server.window->second;
        if (inside && uniform(random) < server.failing)
            probe.outcome =
                uniform(random) < 0.5 ? server.or_else.value_or(server.in_window) : server.in_window;
        if (uniform(random) < server.outliers)
            probe.outcome = uniform(random) < 0.5 ? ArrivalOutcome::hang : ArrivalOutcome::reset;
        probes.push_back(probe);
    }
    return probes;
}

struct Searched {
    std::vector<ColdStartStretch> windows;
    std::uint32_t boots = 0;
    std::uint32_t isolated_bad = 0;
};

inline Searched search_all(const SyntheticServer& server, const WindowSearchOptions& options)
{
    auto random = random_stream(options.seed, "synthetic server");
    WindowSearch search{options};
    Searched result;
    while (result.boots < options.boots && !search.nothing_left()) {
        const auto places = search.next_boot();
        search.add(boot(server, places, result.boots++, random));
    }
    result.windows = search.windows();
    result.isolated_bad = search.isolated_bad();
    return result;
}

} // namespace wsrace::test
