// What a run leaves behind. Each writer has a file of its own; all of them redact secrets.
#pragma once

#include "core/expectation.hpp"
#include "core/history.hpp"
#include "core/verdict.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
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

// What the terminal's summary is to fit: by default a page of a log.
struct Screen {
    static constexpr std::size_t fewest_lines = 24;
    static constexpr std::size_t fewest_columns = 80;

    bool colours = false;
    std::size_t lines = 40;
    std::size_t columns = 110;
};

// Verdict first. No line is wider than the screen, except for the command that repeats the run and the
// folder, of which nothing may be left out; what is too much for the screen is folded and counted.
std::string terminal_summary(const ReportInput& input, const Screen& screen);

std::string verdict_json(const ReportInput& input);     // reports/schema/verdict.schema.json
std::string junit_xml(const ReportInput& input);        // one test case per check
std::string summary_markdown(const ReportInput& input); // for a pull request or a job summary
std::string report_html(const ReportInput& input);      // one self-contained page
std::string sarif_json(const ReportInput& input);       // reports/schema/sarif.schema.json
std::string openmetrics_text(const ReportInput& input); // for a monitoring system

// Whether a sanitizer or the target's output named something that has a place in a source file.
bool has_source_findings(const ReportInput& input);

// One file of a run's folder, under the name by which `wsrace report --format` knows it.
struct Artefact {
    std::string_view format;
    const char* file;
    std::string (*render)(const ReportInput&);
    bool (*wanted)(const ReportInput&); // whether a run leaves it; none: every run does
};

// Every artefact there is, in the order in which they are written.
std::span<const Artefact> artefacts();

// The artefacts that this run leaves, as the terminal names them: "report.html, verdict.json, junit.xml,
// summary.md".
std::string artefact_names(const ReportInput& input);

// Writes the artefacts that this run leaves into `folder`, which is made, each by way of a temporary file and
// a rename; an older one that it does not leave is removed. Throws std::system_error for the first that could
// not be written, after all others.
void write_reports(const std::filesystem::path& folder, const ReportInput& input);

// Writes one of them, wanted or not.
void write_report(const std::filesystem::path& folder, const ReportInput& input, const Artefact& artefact);

} // namespace wsrace
