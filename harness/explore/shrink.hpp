// A failing plan, made as small as it can be and as certain to fail as it can be, by playing it.
#pragma once

#include "core/hunt.hpp"
#include "explore/plan_player.hpp"
#include "explore/trials.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace wsrace {

struct ShrinkProgress {
    std::string stage;
    std::size_t elements = 0; // left
    Trials trials;            // of what is left
    std::uint64_t plays = 0;
};

struct ShrinkOptions {
    std::uint64_t seed = 0;
    std::string signature;                             // the failure that is to stay; empty: any
    std::optional<Duration> budget;                    // nothing is begun after it
    std::uint64_t plays = 2000;                        // at most
    std::function<void(const ShrinkProgress&)> report; // after every play; may be empty
};

struct Shrunk {
    Plan plan; // the best so far, whatever ended it
    Reproducer reproducer;
    bool fails = false; // it was seen to fail
    bool interrupted = false;
};

// Reduces (explore/reduction.hpp), tunes what gaps are left (explore/amplification.hpp), and replays the
// result for its rate. Throws what play_execution() throws.
Shrunk shrink(PlanPlayer& player, const Plan& plan, const ShrinkOptions& options);

} // namespace wsrace
