#include "reports/report.hpp"
#include "reports/whole_file.hpp"

#include <array>
#include <exception>
#include <system_error>

namespace wsrace {

namespace {

void make_folder(const std::filesystem::path& folder)
{
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) throw std::system_error{error, folder.string() + ": cannot be created"};
}

bool is_left(const Artefact& artefact, const ReportInput& input)
{
    return artefact.wanted == nullptr || artefact.wanted(input);
}

} // namespace

std::span<const Artefact> artefacts()
{
    static constexpr std::array<Artefact, 6> table{{
        {"html", "report.html", report_html, nullptr},
        {"json", "verdict.json", verdict_json, nullptr},
        {"junit", "junit.xml", junit_xml, nullptr},
        {"markdown", "summary.md", summary_markdown, nullptr},
        {"sarif", "results.sarif", sarif_json, has_source_findings},
        {"openmetrics", "metrics.prom", openmetrics_text, nullptr},
    }};
    return table;
}

std::string artefact_names(const ReportInput& input)
{
    std::string names;
    for (const auto& artefact : artefacts())
        if (is_left(artefact, input)) names.append(names.empty() ? "" : ", ").append(artefact.file);
    return names;
}

void write_report(const std::filesystem::path& folder, const ReportInput& input, const Artefact& artefact)
{
    make_folder(folder);
    write_whole(folder / artefact.file, artefact.render(input));
}

void write_reports(const std::filesystem::path& folder, const ReportInput& input)
{
    make_folder(folder);
    std::exception_ptr first; // one artefact that cannot be written does not cost the others
    for (const auto& artefact : artefacts()) {
        try {
            if (is_left(artefact, input))
                write_whole(folder / artefact.file, artefact.render(input));
            else
                std::filesystem::remove(folder / artefact.file);
        } catch (const std::system_error&) {
            if (!first) first = std::current_exception();
        }
    }
    if (first) std::rethrow_exception(first);
}

} // namespace wsrace
