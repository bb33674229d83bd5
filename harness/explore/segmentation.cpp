#include "explore/segmentation.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace wsrace {

namespace {

// ln(0.95 / (0.05 / 13)): how much less likely one of the other outcomes is within a stretch.
constexpr double surprise = 5.4;
// A stretch in the middle of another one pays twice: five probes more than contradict it outweigh that.
constexpr double price_of_change = 2.3 * surprise;

using Costs = std::array<double, arrival_outcomes>;

ArrivalOutcome cheapest(const Costs& costs)
{
    return static_cast<ArrivalOutcome>(std::min_element(costs.begin(), costs.end()) - costs.begin());
}

} // namespace

std::vector<Segment> segment(const std::vector<Probe>& probes)
{
    std::vector<Segment> segments;
    if (probes.empty()) return segments;
    // came_from[i][k]: the outcome before probe i when it belongs to a stretch of outcome k.
    std::vector<std::array<std::uint8_t, arrival_outcomes>> came_from(probes.size());
    Costs costs{};
    for (std::size_t i = 0; i < probes.size(); ++i) {
        const auto best = static_cast<std::size_t>(cheapest(costs));
        const auto changed = costs[best] + price_of_change;
        for (std::size_t k = 0; k < arrival_outcomes; ++k) {
            const bool change = i > 0 && changed < costs[k];
            came_from[i][k] = static_cast<std::uint8_t>(change ? best : k);
            if (change) costs[k] = changed;
            if (static_cast<std::size_t>(probes[i].outcome) != k) costs[k] += surprise;
        }
    }
    auto outcome = cheapest(costs);
    Segment current{.outcome = outcome, .first = probes.size() - 1, .last = probes.size() - 1};
    for (auto i = probes.size() - 1; i > 0; --i) {
        outcome = static_cast<ArrivalOutcome>(came_from[i][static_cast<std::size_t>(outcome)]);
        if (outcome != current.outcome) {
            segments.push_back(current);
            current = {.outcome = outcome, .first = i - 1, .last = i - 1};
        }
        current.first = i - 1;
    }
    segments.push_back(current);
    std::reverse(segments.begin(), segments.end());
    return segments;
}

} // namespace wsrace
