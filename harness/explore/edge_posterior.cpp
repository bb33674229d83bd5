#include "explore/edge_posterior.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace wsrace {

namespace {

constexpr double wrong_answer = 0.03;
constexpr std::array<double, 5> jitter_scales{0.25, 1.0, 4.0, 16.0,
                                              64.0}; // standard deviations, milliseconds
constexpr std::size_t grid_size = 100;
constexpr double negligible = 1e-4; // mass outside of what is looked at closely

double milliseconds(Duration duration) { return std::chrono::duration<double, std::milli>{duration}.count(); }

Duration from_milliseconds(double value)
{
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>{value});
}

// The likelihood of one boot for an edge that does not jitter: a step function.
struct BootSteps {
    std::vector<double> places; // ascending, n
    std::vector<double> levels; // n + 1: left of the first place, between them, right of the last
};

BootSteps steps_of(std::vector<std::pair<double, bool>> probes)
{
    std::sort(probes.begin(), probes.end());
    const auto odds = std::log((1 - wrong_answer) / wrong_answer);
    BootSteps steps;
    double log = 0; // relative to an edge left of all probes
    steps.levels.push_back(log);
    for (const auto& [at, before] : probes) {
        log += before ? odds : -odds;
        steps.places.push_back(at);
        steps.levels.push_back(log);
    }
    const auto highest = *std::max_element(steps.levels.begin(), steps.levels.end());
    for (auto& level : steps.levels) level = std::exp(level - highest);
    return steps;
}

double normal_below(double z) { return 0.5 * std::erfc(-z * 0.70710678118654752440); }

double likelihood(const BootSteps& steps, double edge, double scale)
{
    double sum = 0, below = 0;
    for (std::size_t i = 0; i < steps.places.size(); ++i) {
        const auto z = (steps.places[i] - edge) / scale;
        const auto upto = z < -6 ? 0.0 : z > 6 ? 1.0 : normal_below(z);
        sum += steps.levels[i] * (upto - below);
        below = upto;
    }
    return sum + steps.levels.back() * (1 - below);
}

struct Grid {
    std::vector<double> places;
    std::vector<double> weights;
    double jitter = 0;
};

Grid weigh(const std::vector<BootSteps>& boots, double from, double until)
{
    Grid grid;
    for (std::size_t i = 0; i < grid_size; ++i)
        grid.places.push_back(from + (until - from) * (static_cast<double>(i) + 0.5) / grid_size);
    std::array<std::vector<double>, jitter_scales.size()> logs;
    double highest = -1e300;
    for (std::size_t s = 0; s < jitter_scales.size(); ++s) {
        for (const auto place : grid.places) {
            double log = 0;
            for (const auto& boot : boots) log += std::log(likelihood(boot, place, jitter_scales[s]) + 1e-12);
            logs[s].push_back(log);
            highest = std::max(highest, log);
        }
    }
    grid.weights.assign(grid_size, 0);
    double total = 0;
    for (std::size_t s = 0; s < jitter_scales.size(); ++s) {
        for (std::size_t i = 0; i < grid_size; ++i) {
            const auto weight = std::exp(logs[s][i] - highest);
            grid.weights[i] += weight;
            grid.jitter += weight * std::log(jitter_scales[s]);
            total += weight;
        }
    }
    for (auto& weight : grid.weights) weight /= total;
    grid.jitter = std::exp(grid.jitter / total);
    return grid;
}

// The cells that hold all but a negligible mass, and one more on each side.
std::pair<double, double> where_it_matters(const Grid& grid, double from, double until)
{
    const auto cell = (until - from) / grid_size;
    double mass = 0;
    std::size_t first = 0;
    while (first + 1 < grid_size && mass + grid.weights[first] < negligible) mass += grid.weights[first++];
    mass = 0;
    std::size_t last = grid_size - 1;
    while (last > first && mass + grid.weights[last] < negligible) mass += grid.weights[last--];
    return {std::max(from, grid.places[first] - 1.5 * cell), std::min(until, grid.places[last] + 1.5 * cell)};
}

} // namespace

Duration EdgePosterior::quantile(double q) const
{
    const auto cell = places.size() > 1 ? places[1] - places[0] : Duration{1};
    double below = 0;
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (below + weights[i] >= q && weights[i] > 0) {
            const auto part = (q - below) / weights[i] - 0.5; // of the cell, from its middle
            return places[i] + std::chrono::duration_cast<Duration>(part * cell);
        }
        below += weights[i];
    }
    return places.back();
}

EdgePosterior locate_edge(const std::vector<EdgeEvidence>& evidence, Duration region_from,
                          Duration region_until)
{
    std::map<std::uint32_t, std::vector<std::pair<double, bool>>> by_boot;
    for (const auto& one : evidence) by_boot[one.boot].emplace_back(milliseconds(one.at), one.before);
    std::vector<BootSteps> boots;
    for (auto& [boot, probes] : by_boot) boots.push_back(steps_of(std::move(probes)));

    auto from = milliseconds(region_from);
    auto until = milliseconds(region_until);
    auto grid = weigh(boots, from, until);
    for (int closer = 0; closer < 3; ++closer) {
        const auto [low, high] = where_it_matters(grid, from, until);
        if (high - low > 0.5 * (until - from)) break;
        from = low;
        until = high;
        grid = weigh(boots, from, until);
    }
    EdgePosterior posterior;
    posterior.weights = std::move(grid.weights);
    for (const auto place : grid.places) posterior.places.push_back(from_milliseconds(place));
    posterior.jitter = from_milliseconds(grid.jitter);
    posterior.median = posterior.quantile(0.5);
    posterior.low = posterior.quantile(0.025);
    posterior.high = posterior.quantile(0.975);
    return posterior;
}

} // namespace wsrace
