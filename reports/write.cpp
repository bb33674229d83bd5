#include "reports/report.hpp"

#include <cerrno>
#include <exception>
#include <fstream>
#include <system_error>

namespace wsrace {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, std::error_code error, const char* doing)
{
    throw std::system_error{error, file.string() + ": " + doing};
}

std::error_code last_error() { return {errno != 0 ? errno : EIO, std::generic_category()}; }

// Whoever looks at the folder sees the old file or the whole new one, never a part: CI systems collect while
// we write.
void write_whole(const fs::path& file, const std::string& text)
{
    auto partial = file;
    partial += ".partial";
    errno = 0;
    std::ofstream out{partial, std::ios::binary | std::ios::trunc};
    if (!out) fail(file, last_error(), "cannot be created");
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    out.close();
    std::error_code error;
    if (!out) {
        const auto reason = last_error();
        fs::remove(partial, error);
        fail(file, reason, "cannot be written");
    }
    fs::rename(partial, file, error);
    if (!error) return;
    const auto reason = error;
    fs::remove(partial, error);
    fail(file, reason, "cannot be replaced");
}

} // namespace

void write_reports(const std::filesystem::path& folder, const ReportInput& input)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) fail(folder, error, "cannot be created");
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
    if (first) std::rethrow_exception(first);
}

} // namespace wsrace
