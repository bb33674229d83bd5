// Failures of a hunt, gathered by signature: one cluster for each bug, as far as symptoms can tell.
#pragma once

#include "explore/signature.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace wsrace {

// A plan that has failed, and how often. `plan` is whatever finds it again: a file, or seed and digest.
struct FailingPlan {
    std::string plan;
    std::uint32_t elements = 0; // users, steps, delays, faults: how large it is
    std::uint64_t failed = 1;
    std::uint64_t played = 1;

    // Elements, over the square of the lower bound of the rate at which it fails (Wilson, 95 %): what it
    // costs to shrink it, since half the rate takes some five times as many plays (docs/hunting.md). The
    // least is the best: small, and failing often, and known to.
    double effort() const;
    double least_effort() const; // the same over the upper bound: what it may turn out to cost
};

struct Cluster {
    std::string key;
    std::uint64_t count = 0;                        // executions that showed it
    std::uint64_t first_execution = 0;              // of all that were seen, from 1
    std::string first_seen;                         // wall clock, ISO 8601
    std::set<std::string> details;                  // how the checks spell it; the first 20
    std::map<std::string, std::uint64_t> also_seen; // by symptom: in how many of its executions; the first 50
    std::optional<FailingPlan> best;
    std::vector<FailingPlan>
        others; // the next best, at most three: when they are replayed the best may change
};

class Clusters {
public:
    // Takes one execution, failed or not; `now` is written into new clusters. The keys of these.
    std::vector<std::string> add(const std::vector<FailureSignature>& signatures, const FailingPlan& plan,
                                 const std::string& now);

    // A plan of a known cluster was replayed, or made smaller: it replaces what was known of it, and the best
    // is chosen anew. False: there is no such cluster.
    bool replayed(const std::string& key, const FailingPlan& plan);

    // The plan is no more: another one may have its name.
    void forget(const std::string& plan);

    std::uint64_t executions() const { return executions_; }
    const std::vector<Cluster>& list() const { return list_; } // in the order of their discovery
    const Cluster* find(const std::string& key) const;

    static Clusters from(std::uint64_t executions, std::vector<Cluster> list);

private:
    Cluster* look_up(const std::string& key);

    std::uint64_t executions_ = 0;
    std::vector<Cluster> list_;
};

} // namespace wsrace
