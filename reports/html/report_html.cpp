// report.html of a run, of a hunt and of a search for the cold-start window.
#include "reports/clean_text.hpp"
#include "reports/cold_start.hpp"
#include "reports/html/page.hpp"
#include "reports/html/report_data.hpp"
#include "reports/hunt.hpp"

#include <fstream>

namespace wsrace {

namespace {

// As much of a file as is quoted; empty if it is not there, as in a run that was cut short.
std::string beginning_of(const std::filesystem::path& file)
{
    if (!file.has_parent_path()) return {};
    std::ifstream in{file, std::ios::binary};
    std::string text(longest_quote, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() == longest_quote)
        text.resize(text.rfind('\n') == std::string::npos ? text.size() : text.rfind('\n') + 1);
    if (in && !text.empty()) text += "[... the rest is in " + file.filename().string() + "]";
    return text;
}

} // namespace

std::string report_html(const ReportInput& input)
{
    const PreparedReport report{input};
    const QuotedFiles files{.scenario = beginning_of(input.folder / "scenario.json"),
                            .plan = beginning_of(input.folder / "plan.json")};
    HtmlLimits limits;
    auto page = html_page(headline(report) + " - wsrace", report_data(report, files, limits));
    // Text that has to be escaped may be six times as long in the page.
    while (page.size() > largest_page && limits.scenes.total > 0) {
        limits.scenes.total /= 2;
        limits.frames /= 2;
        page = html_page(headline(report) + " - wsrace", report_data(report, files, limits));
    }
    return page;
}

std::string hunt_html(const HuntReport& report)
{
    return html_page("Hunt of " + one_line(clean_text(report.scenario), 60) + " - wsrace",
                     R"({"format_version":1,"kind":"hunt","hunt":)" + hunt_json(report) + "}");
}

std::string cold_start_html(const ColdStartReport& report)
{
    return html_page("Cold start of " + one_line(clean_text(report.scenario), 60) + " - wsrace",
                     R"({"format_version":1,"kind":"coldstart","coldstart":)" + cold_start_json(report) +
                         "}");
}

} // namespace wsrace
