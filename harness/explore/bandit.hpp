// Shares a budget over arms (strategies) by what they have found lately: Thompson sampling with discounted
// Beta posteriors (Thompson 1933; Raj and Kalyani 2017), since what a strategy finds runs dry, and what
// another finds may begin only after a plateau.
//
// Each arm has a sum of rewards and one of efforts, both of which fade by `fading` with every reward that
// any arm gets. A draw is from Beta(1 + rewards, 1 + efforts - rewards); the highest is picked. Effort is
// what an execution took, in units of what one takes on average, so that a strategy that needs ten seconds
// has to find more than one that needs half a second. An arm that has not been picked for 1 / `floor` picks
// is picked, whatever it found.
//
// Deterministic: the pick depends on the seed, the number of picks before it, and the rewards.
#pragma once

#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace wsrace {

// What one execution brought to light.
struct Discoveries {
    std::size_t new_signatures = 0;
    std::size_t new_cells = 0;
    std::size_t near_misses = 0; // new keys
};

// 1 for a new failure signature, whatever else there was; else 0.2 for a new cell and up to 0.4 for many;
// else 0.05 for a near miss and up to 0.1 for many. Never a failure that is known: seeing it again says
// nothing.
double reward_of(const Discoveries& found);

struct BanditArm {
    std::string name;
    double rewards = 0;
    double efforts = 0;
    std::uint64_t picks = 0;     // all of them
    std::uint64_t last_pick = 0; // the bandit's count of picks then; 0: never
};

// What is kept between nights.
struct BanditState {
    std::uint64_t picks = 0;
    double mean_cost_s = 0; // of an execution, fading as well; 0: none has been seen
    std::vector<BanditArm> arms;
};

class Bandit {
public:
    struct Options {
        double fading = 0.98; // a reward counts half after 35 others
        double floor = 0.02;  // of all picks, for each arm
    };

    // At least one arm. `kept`: what earlier nights learned, by name; arms that are not in it start afresh,
    // and those that are gone are forgotten. Throws std::invalid_argument for a name that stands twice, no
    // arm at all, or a floor that cannot be kept (more than 1 / arms).
    Bandit(std::uint64_t seed, const std::vector<std::string>& arms, const BanditState& kept = {});
    Bandit(std::uint64_t seed, const std::vector<std::string>& arms, const BanditState& kept,
           Options options);

    // The next arm to play. Several may be picked before the first of them is rewarded.
    std::size_t pick();

    // `took`: what the execution cost. Rewards are between 0 and 1.
    void reward(std::size_t arm, double reward, Duration took);

    const std::string& name(std::size_t arm) const { return state_.arms.at(arm).name; }
    const BanditState& state() const { return state_; }

private:
    std::uint64_t seed_;
    Options options_;
    BanditState state_;
};

} // namespace wsrace
