// The `journey` and `journeys` of a scenario: what each connection does, step by step.
#pragma once

#include "core/step_spec.hpp"
#include "scenario/json_node.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

// A step and where it stands; steps of an unrolled repetition share their path.
struct PlacedStep {
    StepSpec step;
    std::string path;
    bool reopens = false; // written as "reconnect"
};

struct PlacedJourney {
    std::vector<PlacedStep> steps;
    std::string path;
    bool complete = true; // false: a step was wrong, so what follows from the order of steps cannot be judged
};

// After unrolling, per connection.
inline constexpr std::size_t most_steps = 10'000;

PlacedJourney read_journey(const JsonNode& list);

// Every name a step may have, `repeat` included.
std::vector<std::string_view> step_names();

} // namespace wsrace
