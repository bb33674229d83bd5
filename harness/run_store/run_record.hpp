// What is kept of one execution of a scenario, to be compared with others: a few kilobytes, whatever it
// lasted.
#pragma once

#include "core/verdict.hpp"
#include "run_store/counted_samples.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace wsrace {

struct LatencyRecord {
    std::string id; // of a Latency
    CountedSamples samples;
};

struct SignatureRecord {
    std::string key;    // names the bug: the same in every execution that met it
    std::string detail; // one violation's own signature
};

struct RunRecord {
    std::string run; // its id: no two executions have the same
    std::string started;
    std::string scenario;
    std::string scenario_digest;
    std::string plan_digest;
    std::string version; // of wsrace
    std::string label;   // what was tested, as whoever ran it says: a commit, a build
    std::string seed;    // decimal: more than the database's integers hold
    std::string target;
    std::string machine;
    std::string command;
    Verdict verdict = Verdict::inconclusive;
    bool is_void = false;
    bool interrupted = false;
    Duration duration{};
    RunVerdict::Counts counts;
    std::vector<Metric> metrics;
    std::vector<LatencyRecord> latencies;
    std::vector<SignatureRecord> signatures;

    // Says something of the target: it passed or failed, and it was not the harness that was late or stopped.
    bool conclusive() const
    {
        return !is_void && !interrupted && (verdict == Verdict::pass || verdict == Verdict::fail);
    }
};

} // namespace wsrace
