#include "reports/sample_report.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

using namespace wsrace;
namespace fs = std::filesystem;

namespace {

std::string content(const fs::path& file)
{
    std::ostringstream text;
    text << std::ifstream{file}.rdbuf();
    return text.str();
}

// A folder of the test's own, gone when the test ends.
class Folder {
public:
    explicit Folder(const std::string& name) : path{fs::temp_directory_path() / name}
    {
        fs::remove_all(path);
    }
    ~Folder() { fs::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const fs::path path;
};

} // namespace

TEST_CASE("The artefacts are written whole, over older ones, and nothing else is left")
{
    const Folder folder{"wsrace_write_test"};
    const auto report = failing_report();
    write_reports(folder.path / "new", passing_report().input());
    write_reports(folder.path / "new", report.input());
    CHECK(content(folder.path / "new/verdict.json") == verdict_json(report.input()));
    CHECK(content(folder.path / "new/junit.xml") == junit_xml(report.input()));
    CHECK(content(folder.path / "new/summary.md") == summary_markdown(report.input()));
    CHECK(content(folder.path / "new/report.html") == report_html(report.input()));
    CHECK(std::distance(fs::directory_iterator{folder.path / "new"}, {}) == 5);
}

TEST_CASE(
    "An artefact that only some runs leave is written for those, removed for others, and there on demand")
{
    const Folder folder{"wsrace_write_sarif_test"};
    auto found = failing_report();
    found.verdict.checks[17] = failed_check("sanitizer", "sanitizer: killed by SIGKILL", 1);
    write_reports(folder.path, found.input());
    CHECK(content(folder.path / "results.sarif") == sarif_json(found.input()));
    CHECK(artefact_names(found.input()) ==
          "report.html, verdict.json, junit.xml, summary.md, results.sarif, metrics.prom");
    write_reports(folder.path, passing_report().input());
    CHECK_FALSE(fs::exists(folder.path / "results.sarif"));
    for (const auto& artefact : artefacts()) {
        fs::remove(folder.path / artefact.file);
        write_report(folder.path, passing_report().input(), artefact);
        CHECK(content(folder.path / artefact.file) == artefact.render(passing_report().input()));
    }
}

TEST_CASE("An artefact that cannot be written is named, and the others are written")
{
    const Folder folder{"wsrace_write_fails_test"};
    fs::create_directories(folder.path / "junit.xml/in_the_way");
    const auto report = failing_report();
    try {
        write_reports(folder.path, report.input());
        FAIL("it was written");
    } catch (const std::system_error& error) {
        CHECK(std::string{error.what()}.find((folder.path / "junit.xml").string()) != std::string::npos);
        CHECK(error.code() == std::errc::is_a_directory);
    }
    CHECK(fs::exists(folder.path / "verdict.json"));
    CHECK(fs::exists(folder.path / "summary.md"));
    CHECK_FALSE(fs::exists(folder.path / "junit.xml.partial"));
}

TEST_CASE("A folder that cannot be made is named")
{
    const Folder folder{"wsrace_write_folder_test"};
    std::ofstream{folder.path} << "a file";
    const auto report = passing_report();
    CHECK_THROWS_AS(write_reports(folder.path / "below", report.input()), std::system_error);
}
