// Ways through a journey that the scenario's own users do not take, and a race may need: to come back, to
// open a second tab, to ask twice at once, to stop a run.
#pragma once

#include "plan/strategies/draft.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wsrace {

struct Variation {
    std::string_view name;
    std::optional<Behaviour> behaviour; // its users are judged as such
    std::uint16_t connections = 1;
    std::vector<StepSpec> journey; // of each connection
};

// Those that the scenario's ordinary journeys lack, all of them short.
std::vector<Variation> variations(const Scenario& scenario);

// Each ordinary user takes one of them with this probability.
void add_variations(Draft& draft, double probability);

} // namespace wsrace
