// Random histories of a target that does everything right, and single mistakes planted into them at a random
// place.
#pragma once

#include "core/expectation.hpp"
#include "core/history.hpp"
#include "core/random.hpp"

#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace wsrace::test {

// What a target may do and still be right.
enum class Setting {
    ordinary,
    strict,   // no run may fail, and none does
    all_tabs, // events go to all of a user's connections
};

// Limits that suit the generated histories, which last a minute and are quiet for most of it. No two of them
// are alike, so that one taken for another is noticed.
Expectations random_expectations(Setting setting = Setting::ordinary);

// Two to six users with one to three tabs each. What goes wrong without being anybody's fault is in them,
// too:
// - logins and upgrades refused in order and tried again, attempts that the harness gives up, forged tokens
//   that are refused, tickets that admit one of several;
// - runs one after the other and interleaved, with tools one after the other and nested, named by id, by name
//   or by either; acknowledgements, pings, heartbeats, events without a timestamp or with equal ones, cut off
//   canaries, another tab's canary as context; runs that are stopped, fail or are refused;
// - tabs that are not read for a while; tabs dropped in the middle of a run and opened again, where the rest
//   of the run or an error arrives, some of it under way at the drop; tabs that the target closes when all is
//   done;
// - questions after a long silence, in threads of one name, for which one may be refused;
// - a silent witness; an instance of the target that the harness restarts under a user of its own.
// User 0 has a single tab. Nothing happens from the 32nd second to the 40th.
History random_history(RandomEngine& random, Setting setting = Setting::ordinary);

struct Mistake {
    std::string_view name;
    // Puts it into the history; false: this one has no place for it.
    std::function<bool(History& history, RandomEngine& random)> plant;
    std::set<std::string> found; // exactly these kinds of violations (violation_kinds.hpp)
    Setting setting = Setting::ordinary;
};
std::span<const Mistake> run_mistakes();        // in what a run yields
std::span<const Mistake> liveness_mistakes();   // in when it does
std::span<const Mistake> identity_mistakes();   // in whose it is, and in its form
std::span<const Mistake> connection_mistakes(); // how connections begin and end
std::span<const Mistake> refusal_mistakes();    // how they are refused
std::span<const Mistake> access_mistakes();     // who is let in; connections that were cut or are old
std::span<const Mistake> target_mistakes();     // in the target's process and output

} // namespace wsrace::test
