// A plan as a pure function: which elements a failure needs, which make it likelier or rarer, and how often
// it happens.
#pragma once

#include "core/random.hpp"
#include "explore/element_links.hpp"
#include "explore/trials.hpp"

#include <boost/random/uniform_int_distribution.hpp>
#include <boost/random/uniform_real_distribution.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace wsrace::test {

struct SyntheticRace {
    std::size_t elements = 0;
    double rate = 0;                         // of the whole plan
    std::set<std::size_t> trigger{};         // without one of them it never fails
    std::map<std::size_t, double> without{}; // what leaving an element out multiplies the rate by
    double voided = 0;                       // share of executions

    double rate_of(const Keep& keep) const
    {
        for (const auto element : trigger)
            if (!keep[element]) return 0;
        auto now = rate;
        for (const auto& [element, factor] : without)
            if (!keep[element]) now *= factor;
        return std::min(now, 1.0);
    }
    Played play(const Keep& keep, RandomEngine& random) const
    {
        boost::random::uniform_real_distribution<double> uniform{0, 1};
        if (uniform(random) < voided) return Played::voided;
        return uniform(random) < rate_of(keep) ? Played::failed : Played::passed;
    }
};

// So many different elements out of all.
inline std::set<std::size_t> draw_elements(std::size_t count, std::size_t of, RandomEngine& random)
{
    boost::random::uniform_int_distribution<std::size_t> any{0, of - 1};
    std::set<std::size_t> drawn;
    while (drawn.size() < count) drawn.insert(any(random));
    return drawn;
}

inline ElementLinks unlinked(std::size_t elements)
{
    return ElementLinks{std::vector<std::vector<std::size_t>>(elements)};
}

} // namespace wsrace::test
