// One check, asked on its own; and how tests name what it found.
#pragma once

#include "checks/judge.hpp"
#include "checks/runs.hpp"
#include "support/history_builder.hpp"

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace wsrace::test {

// The defaults, but for margins: what is above a level by one is above it.
inline Expectations narrow_expectations()
{
    Expectations expectations;
    expectations.baseline.sockets = 1;
    expectations.baseline.threads = 0;
    return expectations;
}

inline CheckResult ask(std::string_view id, const History& history,
                       const Expectations& expectations = narrow_expectations())
{
    const auto connections = connections_of(history);
    const RunTable runs(history, connections, expectations.run_events);
    for (const CheckEntry& entry : check_table())
        if (entry.id == id) return entry.judge({expectations, history, connections, runs});
    throw std::logic_error("no such check");
}

inline CheckResult ask(std::string_view id, const HistoryBuilder& history,
                       const Expectations& expectations = narrow_expectations())
{
    return ask(id, history.build(), expectations);
}

// Signatures without the check's name in front, in the order of time.
inline std::vector<std::string> signatures(const CheckResult& result)
{
    std::vector<std::string> out;
    for (const Violation& violation : result.violations)
        out.push_back(violation.signature.substr(result.id.size() + 2));
    return out;
}

using Signatures = std::vector<std::string>;

// Which checks fail on a history.
inline std::set<std::string> failing(const History& history,
                                     const Expectations& expectations = narrow_expectations())
{
    std::set<std::string> out;
    for (const CheckEntry& entry : check_table())
        if (ask(entry.id, history, expectations).verdict == Verdict::fail) out.emplace(entry.id);
    return out;
}

} // namespace wsrace::test
