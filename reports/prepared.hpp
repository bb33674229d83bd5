// What all writers start from: the verdict with every text clean, and its violations grouped.
#pragma once

#include "reports/report.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace wsrace {

// Violations of one check that are the same but for who and when.
struct SignatureGroup {
    std::string check;
    std::string signature;
    std::uint64_t count = 0;                  // of those the check kept
    std::uint64_t users = 0;                  // how many different users are involved
    std::vector<const Violation*> violations; // ordered as the check found them: by time; never empty
    std::size_t failure =
        0; // which of the report's it belongs to; as many as there are: it may follow from one
};

// A copy of its own, so that no writer can forget to clean what it prints. `groups` points into `verdict`.
struct PreparedReport {
    PreparedReport(const ReportInput& input);
    PreparedReport(const PreparedReport&) = delete;
    PreparedReport& operator=(const PreparedReport&) = delete;

    RunInfo info;
    RunVerdict verdict;
    const History& history;
    std::string out;
    std::vector<ReportedFailure> failures;
    // Those that are a failure, in the order of the failures, then those that may follow from them; among
    // equals the largest group of each check first, then the second ones, ...
    std::vector<SignatureGroup> groups;
};

// "user 17, connection 1 (reopened 2), request 3"; "the target" where no connection is concerned.
std::string who(const Violation& violation);

// "once", "35 times, 18 users": no users where no connection is concerned.
std::string how_often(const SignatureGroup& group);

// "pass", "2 412 frames", "97.2 % (95.1 % to 98.6 %)": the words that all reports use.
std::string sample_text(const CheckResult& check);
std::string value_text(const Metric& metric);
std::string volume_text(const PreparedReport& report); // "200 users, 2 412 frames in 12.4 s"
std::string headline(const PreparedReport& report);    // "FAIL cold_start"

// What is worth a line: violations that were counted but not kept by their check.
std::uint64_t not_kept(const CheckResult& check);

} // namespace wsrace
