// What a plan is made of, for shrinking and amplifying: what can be left out, and the times that can be
// tuned.
#pragma once

#include "plan/plan.hpp"

#include <string>
#include <vector>

namespace wsrace {

// Something that can be left out. What cannot be there without it goes with it.
struct Element {
    enum class Kind : std::uint8_t {
        user,
        connection,       // of a user who has several; the others keep their numbers
        behaviour,        // the user walks the ordinary journeys instead
        arrival,          // the user arrives at once
        delay,            // or the length of a pause
        gate,             // one group of it
        gate_member,      // of a group of three or more
        constraint,       //
        life_cycle,       // a fault of the server's life
        dependency_fault, //
        link_fault,       //
        ingress,          // one thing that the ingress does
    };
    Kind kind = Kind::user;
    std::size_t index = 0; // in the plan's list: of users, gates, constraints, faults; ingress: its number
    std::size_t part = 0;  // connection: the slot; delay, gate_member: its place in that list
    std::vector<std::size_t> parents; // places in elements(); all come before it
    std::string text; // "user 3", "constraint: connect of user 3 1.2 ms after close of user 2"
};

// In a fixed order, parents first.
std::vector<Element> elements(const Plan& plan);

// The plan with only those elements whose place in elements(plan) is true in `keep`, and whose parents are
// kept, too. Users keep their numbers, and nothing is drawn anew. A user without a behaviour walks the
// ordinary journeys with the pauses of another one who does; a gate or a constraint then binds the same
// moment there, if there is one. Gates and constraints are numbered anew. If nobody sends SIGTERM any more,
// who arrived after it still arrives at that time. Always a plan that can be played, unless nobody is left.
Plan without(const Plan& plan, const std::vector<bool>& keep);

// A time that can be tuned.
struct Gap {
    enum class Kind : std::uint8_t { constraint, delay, arrival };
    Kind kind = Kind::constraint;
    std::size_t index = 0; // of the constraint, or of the user
    std::size_t part = 0;  // delay: its place among the user's delays
    Duration value{};
    std::string text;
};

std::vector<Gap> gaps(const Plan& plan);

// In whole microseconds, as plan.json keeps them. The gap must be one of this plan.
void set_gap(Plan& plan, const Gap& gap, Duration value);

} // namespace wsrace
