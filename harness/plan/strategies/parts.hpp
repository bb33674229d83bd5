// What strategies put into a plan; `swarm` has several of these in one.
#pragma once

#include "plan/strategies/draft.hpp"

namespace wsrace {

// A delay at some steps, and inside of connects: about `count` on each connection.
struct Jitter {
    bool log_uniform = false;
    Duration low{};
    Duration high{};
    double count = 4;
};
void add_jitter(Draft& draft, const Jitter& jitter);

// All connections, or some of them, wait for each other at the same upgrade or request of their journeys.
void add_barrier(Draft& draft, std::size_t number);

// Few connections get a long delay; which ones changes at `changes` points along the journeys.
void add_priorities(Draft& draft, std::size_t changes);

// So many pairs of steps of two connections, drawn by their prior and the input's weights.
void add_collisions(Draft& draft, std::size_t count);

// One connection that comes back does so after another time: log-uniform.
void add_reopening(Draft& draft);

// Where the target starts meanwhile, or its dependencies or links fail for a while, it depends on when users
// come what they meet: each comes at a moment of its own anywhere in that time, or all in nearly the same
// one.
void add_timely_arrivals(Draft& draft);

// Users arrive on their own, so much later than they would: log-uniform between the two.
void spread_arrivals(Draft& draft, Duration low, Duration high);

// One user gets a behaviour: its place in the plan, or nothing if none is possible. Before anybody waits for
// anybody, since its journey changes.
std::optional<std::size_t> add_behaviour(Draft& draft);

// A step of somebody else is bound to what that user does, or the other way round.
void collide_with(Draft& draft, std::size_t actor);

// Why a behaviour can be given to nobody; empty: it can.
std::string no_behaviours(const Scenario& scenario);

} // namespace wsrace
