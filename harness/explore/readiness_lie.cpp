#include "explore/readiness_lie.hpp"

#include "core/statistics.hpp"

#include <algorithm>
#include <array>

namespace wsrace {

namespace {

constexpr std::uint32_t enough_users = 3;
constexpr std::size_t enough_boots = 2;

bool lies_in(const std::vector<ColdStartStretch>& windows, Duration at)
{
    return std::any_of(windows.begin(), windows.end(), [at](const ColdStartStretch& window) {
        return at >= window.from.low && at <= window.until.high;
    });
}

} // namespace

std::optional<ReadinessLie> find_readiness_lie(const std::vector<Probe>& probes,
                                               const std::vector<ColdStartStretch>& windows,
                                               const std::map<std::uint32_t, Duration>& ready)
{
    ReadinessLie lie;
    std::map<std::uint32_t, Duration> said; // in the boots where it was caught
    std::array<std::uint32_t, arrival_outcomes> outcomes{};
    for (const auto& probe : probes) {
        const auto when = ready.find(probe.boot);
        if (when == ready.end() || probe.at <= when->second) continue;
        if (!is_bad(probe.outcome) || !lies_in(windows, probe.at)) continue;
        ++lie.users;
        ++outcomes[static_cast<std::size_t>(probe.outcome)];
        lie.failed_until = std::max(lie.failed_until, probe.at);
        said.insert(*when);
    }
    if (lie.users < enough_users || said.size() < enough_boots) return std::nullopt;
    std::vector<Duration> times;
    for (const auto& [boot, at] : said) times.push_back(at);
    lie.said_at = *median_of(std::move(times));
    lie.boots = static_cast<std::uint32_t>(said.size());
    const auto most = std::max_element(outcomes.begin(), outcomes.end());
    lie.outcome = static_cast<ArrivalOutcome>(most - outcomes.begin());
    return lie;
}

std::optional<Duration> median_of(std::vector<Duration> values)
{
    if (values.empty()) return std::nullopt;
    return quantile(values, 0.5);
}

} // namespace wsrace
