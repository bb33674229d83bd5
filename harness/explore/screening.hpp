// Which of the elements that were left out made the failure likelier? Too little to be seen when they were
// left out, too much together. A screening experiment (Satterthwaite 1959, "Random balance experimentation";
// Plackett, Burman 1946): in every plan a random half of the elements in question is there, in the next one
// the other half, so that each is there in half of the plays and every play says something about all of them.
// One at a time would take as many plays for each. Pure: the caller plays.
#pragma once

#include "core/random.hpp"
#include "explore/element_links.hpp"

#include <cstdint>
#include <vector>

namespace wsrace {

class Screening {
public:
    // `base` is in every plan. `doubtful`: the elements in question. `rate`: how often all of them together
    // fail. Enough is known after as many plays as show an element whose absence takes 0.3 of the rate.
    Screening(const ElementLinks& links, Keep base, Keep doubtful, double rate, std::uint64_t seed);

    Keep next();
    void add(const Keep& plan, bool failed);
    bool enough() const { return plays_ >= wanted_; }

    // Of the doubtful elements, by the difference between the rates with and without it in standard
    // deviations.
    std::vector<std::size_t> strongest_first() const;

private:
    struct Tally {
        double failed = 0, played = 0;
    };

    const ElementLinks& links_;
    Keep base_, doubtful_;
    RandomEngine random_;
    std::uint64_t wanted_, plays_ = 0;
    Keep half_; // of the last plan
    std::vector<Tally> with_, without_;
};

} // namespace wsrace
