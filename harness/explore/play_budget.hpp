// What a search that plays plans may spend, and what it has spent. Void executions are played again, but not
// for ever: a plan that the harness cannot play on time would eat the budget.
#pragma once

#include "explore/trials.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace wsrace {

struct PlayLimits {
    std::uint64_t plays = 2000;        // in all, with void ones; 0: nothing is played
    std::uint64_t voids_in_a_row = 10; // then nothing is learned of this plan
    std::function<bool()> out_of_time; // asked before each play; empty: there is time
};

class PlayBudget {
public:
    explicit PlayBudget(PlayLimits limits) : limits_{std::move(limits)} {}

    // Plays until an execution is not void: whether it failed. None if the budget or the time is used up, or
    // after too many void executions in a row. What `play` throws passes through.
    std::optional<bool> play(const std::function<Played()>& play);

    // So many plays are kept for later: to the others the budget looks used up before.
    void keep_back(std::uint64_t plays) { kept_back_ = plays; }
    bool used_up(); // nothing more can be played; says so for ever once the time was out
    std::uint64_t plays() const { return plays_; }
    std::uint64_t voided() const { return voided_; }
    std::uint64_t left() const; // plays

private:
    PlayLimits limits_;
    std::uint64_t kept_back_ = 0;
    std::uint64_t plays_ = 0;
    std::uint64_t voided_ = 0;
    bool out_of_time_ = false;
};

} // namespace wsrace
