// Runs as checks would have judged them, written out: what the tests of the reports render.
#pragma once

#include "reports/report.hpp"

#include <string>

namespace wsrace {

struct SampleReport {
    History history;
    RunVerdict verdict;
    std::string out = "out/cold_start";

    ReportInput input() const { return {history.info, verdict, history, out}; }
};

// Two hundred users, nineteen checks, all well.
SampleReport passing_report();

// The same with 1011 closes and data of other users, a check that could not judge, and a service level
// missed.
SampleReport failing_report();

// The failing run, but the harness was late at its only gate, so that nobody can say who is to blame.
SampleReport void_report();

// Every text that a target controls is `text`.
SampleReport hostile_report(const std::string& text);

// The violations of `check`, `count` times the same signature with different users.
CheckResult failed_check(const std::string& check, const std::string& signature, std::uint32_t count);

} // namespace wsrace
