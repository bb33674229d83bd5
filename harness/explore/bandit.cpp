#include "explore/bandit.hpp"

#include "core/random.hpp"

#include <boost/random/gamma_distribution.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

namespace wsrace {

namespace {

constexpr double most_effort = 10; // one execution that hung must not bury its strategy

// Saturating: half of what is left for each one more.
double share_of(std::size_t count) { return 1 - std::pow(0.5, static_cast<double>(count)); }

// Two Gammas make a Beta (Johnk 1964 and any textbook since).
double draw_beta(RandomEngine& random, double a, double b)
{
    boost::random::gamma_distribution<double> first{a, 1.0};
    boost::random::gamma_distribution<double> second{b, 1.0};
    const double x = first(random);
    const double y = second(random);
    return x + y > 0 ? x / (x + y) : 0.0;
}

} // namespace

double reward_of(const Discoveries& found)
{
    if (found.new_signatures > 0) return 1;
    if (found.new_cells > 0) return 0.4 * share_of(found.new_cells);
    return 0.1 * share_of(found.near_misses);
}

Bandit::Bandit(std::uint64_t seed, const std::vector<std::string>& arms, const BanditState& kept)
    : Bandit(seed, arms, kept, Options{})
{}

Bandit::Bandit(std::uint64_t seed, const std::vector<std::string>& arms, const BanditState& kept,
               Options options)
    : seed_(seed), options_(options)
{
    const std::set<std::string> names(arms.begin(), arms.end());
    if (arms.empty()) throw std::invalid_argument{"a bandit needs at least one arm"};
    if (names.size() != arms.size()) throw std::invalid_argument{"two arms of a bandit have the same name"};
    if (options.floor * static_cast<double>(arms.size()) > 1)
        throw std::invalid_argument{fmt::format("a floor of {} for each of {} arms is more than all picks",
                                                options.floor, arms.size())};
    state_.picks = kept.picks;
    state_.mean_cost_s = kept.mean_cost_s;
    for (const auto& name : arms) {
        const auto known = std::find_if(kept.arms.begin(), kept.arms.end(),
                                        [&name](const BanditArm& arm) { return arm.name == name; });
        state_.arms.push_back(known == kept.arms.end() ? BanditArm{.name = name} : *known);
        if (known == kept.arms.end()) state_.arms.back().last_pick = kept.picks;
    }
}

std::size_t Bandit::pick()
{
    auto random = random_stream(seed_, "bandit", state_.picks);
    std::vector<double> draws;
    for (const auto& arm : state_.arms)
        draws.push_back(draw_beta(random, 1 + arm.rewards, 1 + std::max(arm.efforts - arm.rewards, 0.0)));
    auto chosen = static_cast<std::size_t>(std::max_element(draws.begin(), draws.end()) - draws.begin());

    const auto starved =
        std::min_element(state_.arms.begin(), state_.arms.end(),
                         [](const BanditArm& a, const BanditArm& b) { return a.last_pick < b.last_pick; });
    const auto waited = static_cast<double>(state_.picks + 1 - starved->last_pick);
    if (options_.floor > 0 && waited * options_.floor >= 1)
        chosen = static_cast<std::size_t>(starved - state_.arms.begin());

    auto& arm = state_.arms[chosen];
    arm.last_pick = ++state_.picks;
    ++arm.picks;
    return chosen;
}

void Bandit::reward(std::size_t arm, double reward, Duration took)
{
    const auto cost = std::max(std::chrono::duration<double>(took).count(), 1e-6);
    auto& mean = state_.mean_cost_s;
    mean = mean > 0 ? options_.fading * mean + (1 - options_.fading) * cost : cost;
    for (auto& one : state_.arms) {
        one.rewards *= options_.fading;
        one.efforts *= options_.fading;
    }
    auto& played = state_.arms.at(arm);
    played.rewards += std::clamp(reward, 0.0, 1.0);
    played.efforts += std::min(cost / mean, most_effort);
}

} // namespace wsrace
