// Failure signatures: what an execution's violations say of the bug behind them.
//
// The symptoms of one execution (explore/symptom.hpp) are put in the order of how specific they are. One that
// may follow from a more specific one is explained by it: silence, slowness and refusals by anything else;
// an end of a connection, a crash, an error in the log by another failure of the target; a leak by a failure
// or by silence; a wrong id by a wrong canary; a data race by one that it shares a source file with, and
// memory misused by any data race. What is left founds a signature each: {1011} and {1011, events missing}
// have the same, while {1011, canary of another user} has two, since no bleed makes a target fail. So two
// bugs that fail in one execution give two signatures unless one looks like a consequence of the other.
#pragma once

#include "core/history.hpp"
#include "core/verdict.hpp"
#include "explore/symptom.hpp"

#include <string>
#include <vector>

namespace wsrace {

struct FailureSignature {
    std::string key;                    // name of the symptom that founds it; the same for the same bug
    std::vector<std::string> details;   // that symptom as the checks spell it, each once, ascending
    std::vector<std::string> also_seen; // names of the symptoms that it may explain, most specific first
};

// None: nothing failed, or the execution is void. Most specific first.
std::vector<FailureSignature> failure_signatures(const RunVerdict& verdict, const History& history);

// Whether `less` may follow from `more`, the more specific of the two.
bool explains(const Symptom& more, const Symptom& less);

} // namespace wsrace
