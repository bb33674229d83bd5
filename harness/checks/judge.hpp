// From a history to a verdict. Pure: the same history and expectations give the same verdict.
#pragma once

#include "core/expectation.hpp"
#include "core/history.hpp"
#include "core/verdict.hpp"

#include <span>
#include <string_view>

namespace wsrace {

class RunTable; // checks/runs.hpp: requests and the frames that answer them, worked out once for all checks

struct CheckInput {
    const Expectations& expectations;
    const History& history;
    const std::vector<ConnectionTrace>& connections;
    const RunTable& runs;
};

struct CheckEntry {
    std::string_view id;
    std::string_view property; // one sentence
    CheckResult (*judge)(const CheckInput&);
};

// Every check there is, in the order in which reports show them.
std::span<const CheckEntry> check_table();

// All checks, thresholds and latencies. A check that throws is inconclusive and says what it threw.
RunVerdict judge(const Expectations& expectations, const History& history);

} // namespace wsrace
