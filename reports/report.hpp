// What a run leaves behind. Each writer has a file of its own; all of them redact secrets.
#pragma once

#include "core/expectation.hpp"
#include "core/history.hpp"
#include "core/verdict.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace wsrace {

// What an execution's violations come down to: one for each bug, as far as symptoms can tell.
struct ReportedFailure {
    std::string key;                    // the symptom that founds it: "isolation: canary of another user"
    std::vector<std::string> details;   // signatures of the violations that are this symptom
    std::vector<std::string> also_seen; // symptoms that may follow from it
};

struct ReportInput {
    const RunInfo& info;
    const RunVerdict& verdict;
    const History& history;
    std::string out;                            // the run's folder, as the user named it
    std::vector<ReportedFailure> failures = {}; // the most specific first; none: nobody has looked for them
    std::filesystem::path folder = {};          // where scenario.json and plan.json are now; empty: nowhere
};

std::string verdict_json(const ReportInput& input);                   // reports/schema/verdict.schema.json
std::string junit_xml(const ReportInput& input);                      // one test case per check
std::string summary_markdown(const ReportInput& input);               // for a pull request or a job summary
std::string report_html(const ReportInput& input);                    // one self-contained page
std::string terminal_summary(const ReportInput& input, bool colours); // verdict first; fits a screen

// Writes verdict.json, junit.xml, summary.md and report.html into `folder`, each by way of a temporary file
// and a rename.
void write_reports(const std::filesystem::path& folder, const ReportInput& input);

} // namespace wsrace
