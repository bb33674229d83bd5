// What a hunt and a shrink found. Shapes only; explore/ fills them, reports/ write them.
#pragma once

#include "core/interleaving.hpp"
#include "core/run_events.hpp"
#include "core/statistics.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wsrace {

// One step of shrinking, for whoever wants to know how it came about.
struct ShrinkStep {
    std::string stage;        // "delta debugging", "amplifying", ...
    std::string text;         // what was tried, and what became of it
    std::size_t elements = 0; // of the plan that was tried
    std::uint64_t plays = 0;
};

// A plan that fails, as small as it could be made, and how often it does.
struct Reproducer {
    std::string folder; // reproducer.json and what belongs to it
    std::vector<std::string>
        elements; // what is left: "user 3", "constraint: connect of user 3 1.2 ms after ..."
    std::size_t elements_before = 0;
    std::uint64_t failed = 0; // of `played` replays
    std::uint64_t played = 0;
    bool finished = false;  // shrinking came to its end: neither the budget nor anybody stopped it
    bool confirmed = false; // these replays were fresh: none of them led to its acceptance
    std::string summary;    // one sentence: how shrinking ended
    std::uint64_t plays = 0;
    std::uint64_t voided = 0;
    std::vector<ShrinkStep> steps;

    Interval interval() const { return wilson_interval(failed, played); }
};

inline constexpr std::size_t most_shrunk = 5; // failures of a hunt

// A failure that was found, by its signature: one for each bug, as far as symptoms can tell.
struct FoundFailure {
    std::string signature;
    std::vector<std::string> details; // as the checks spell it
    std::vector<std::pair<std::string, std::uint64_t>>
        also_seen;                     // other symptoms, and in how many executions
    std::uint64_t count = 0;           // executions that showed it; 0: the serial baseline alone did
    std::uint64_t first_execution = 0; // from 1; 0: none
    std::string folder;                // a run that showed it; empty: none was kept
    // False: one user at a time shows it, too, an error of the application. What a sanitizer calls a race of
    // threads is one however many users there are.
    bool is_race = true;
    std::optional<Reproducer> reproducer;
};

// What one strategy was given, and what it gave.
struct StrategyShare {
    std::string name;
    std::uint64_t executions = 0;
    std::uint64_t failed = 0;
    std::uint64_t voided = 0;
    std::uint64_t discoveries = 0; // executions that showed something new
    std::string why_not;           // not empty: it cannot be used with this scenario
};

struct HuntReport {
    std::string scenario, scenario_digest, target, command, version, machine, started;
    std::uint64_t seed = 0;
    std::uint64_t executions = 0; // void ones included
    std::uint64_t failed = 0;
    std::uint64_t voided = 0; // the harness was not on time, or nothing could be judged: they prove nothing
    Duration took{};
    Duration baseline{}; // of it: one user at a time, before the search
    std::vector<StrategyShare> strategies;
    std::vector<FoundFailure> failures;  // those that were seen most often first
    std::optional<RunEvents> run_events; // what was learned of the target's runs; none: they are declared
    CoverageTable coverage;              // this night's and all before it that are remembered
    std::string statement;               // what may be said, and no more
    bool interrupted = false;
    std::string problem; // not empty: the hunt ended for it, or proves nothing
};

// 1: a failure; 130: interrupted without one; 3: nothing can be said; 0: none in what was played.
int exit_status(const HuntReport& report);

} // namespace wsrace
