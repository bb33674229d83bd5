// When an instance of the target was not there to answer: a connection that ends then says nothing about its
// handling of connections.
//
// User i is served by instance i mod n (RunInfo::instances), or, once that one has been down, by the next:
// an outage of any instance that may have served a user counts for it. Behind an ingress these are the
// instances to which it has passed the user on.
#pragma once

#include "checks/ingress_acts.hpp"
#include "checks/withheld_reading.hpp"
#include "core/history.hpp"

#include <vector>

namespace wsrace {

struct Outage {
    std::uint16_t instance = 0;
    Instant begin{};
    Instant respawned = Instant::max(); // from then on what it answers counts
    Instant end = Instant::max();       // ready; of one that never said so: its port was open
    bool ours = false;                  // the harness ended it (`terminating`), or just started it; else it
                                        // crashed, left on its own, or somebody else killed it
};

class Outages {
public:
    explicit Outages(const History& history);

    // Whether the harness had taken the user's instance down: nothing that it does or says then counts.
    bool ours(UserId user, Instant at) const;

    // The same, whoever did it.
    bool any(UserId user, Instant at) const;

    // Whether a connect may be refused: the instance was down, or started and not ready yet.
    bool refuses_by_right(UserId user, Instant at) const;

    // Whether a connection that was begun at `opened` and found dead at `at` went down with its instance. The
    // harness may notice later than the next process is spawned.
    bool took_along(UserId user, Instant opened, Instant at) const;

    // Whether the harness took the user's instance down at any time between the two.
    bool between(UserId user, Instant from, Instant to) const;

    // The instances that may have served the user by then, its own first.
    std::vector<std::uint16_t> serving(UserId user, Instant at) const;

    const IngressActs& ingress() const { return ingress_; }

    const std::vector<Outage>& all() const { return outages_; } // by instance, in order

private:
    template <typename Holds>
    bool any_of(UserId user, Instant at, Holds&& holds) const;

    std::uint16_t instances_;
    IngressActs ingress_;
    std::vector<Outage> outages_;
};

// When the harness had stopped the target (SIGSTOP), or had stopped reading what it sends: time that must not
// be held against it.
class Pauses {
public:
    explicit Pauses(const History& history);

    // How long the instance that serves the user was stopped between the two; of several that may have, the
    // longest.
    Duration within(UserId user, Instant from, Instant to) const;

    // The same, or how long the slot's connection was not read, if that is longer.
    Duration within(UserId user, SlotId slot, Instant from, Instant to) const;

private:
    struct Pause {
        std::uint16_t instance = 0;
        Instant begin{};
        Instant end{};
    };

    std::vector<Pause> pauses_;
    Outages outages_;
    WithheldReading unread_;
};

} // namespace wsrace
