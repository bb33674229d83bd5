#include "reports/report.hpp"
#include "reports/whole_file.hpp"

#include <exception>
#include <system_error>

namespace wsrace {

void write_reports(const std::filesystem::path& folder, const ReportInput& input)
{
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) throw std::system_error{error, folder.string() + ": cannot be created"};
    std::exception_ptr first; // one artefact that cannot be written does not cost the others
    const auto attempt = [&](const char* file, std::string (*render)(const ReportInput&)) {
        try {
            write_whole(folder / file, render(input));
        } catch (const std::system_error&) {
            if (!first) first = std::current_exception();
        }
    };
    attempt("verdict.json", verdict_json);
    attempt("junit.xml", junit_xml);
    attempt("summary.md", summary_markdown);
    attempt("report.html", report_html);
    if (first) std::rethrow_exception(first);
}

} // namespace wsrace
