// Random histories of a target that does everything right, and single mistakes planted into them at a random
// place.
#pragma once

#include "core/expectation.hpp"
#include "core/history.hpp"
#include "core/random.hpp"

#include <set>
#include <span>
#include <string>
#include <string_view>

namespace wsrace::test {

// Limits that suit the generated histories, which last a minute and are quiet for most of it.
Expectations random_expectations();

// Two to six users with one to three tabs each: refusals that are retried, runs one after the other and
// interleaved, with and without execution ids, canaries and timestamps; pings, stops, tabs dropped in the
// middle of a run and opened again, where the rest of the run or an error arrives; questions after a long
// silence; forged tokens that are refused, tickets that admit one of several, threads of one name. User 0 has
// a single tab.
History random_history(RandomEngine& random);

struct Mistake {
    std::string_view name;
    bool (*plant)(History& history, RandomEngine& random); // false: this history has no place for it
    std::set<std::string> found_by;                        // exactly these checks fail
};
std::span<const Mistake> mistakes();
std::span<const Mistake> access_mistakes(); // who is let in; connections that were cut or are old

} // namespace wsrace::test
