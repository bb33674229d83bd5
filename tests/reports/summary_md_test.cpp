#include "reports/prepared.hpp"
#include "reports/sample_report.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("summary.md has the verdict first, then checks, violations, service levels and how to repeat")
{
    const auto text = summary_markdown(failing_report().input());
    CHECK(text.starts_with("## wsrace: FAIL cold\\_start\n\nViolations found (close\\_codes 37"));
    const auto checks = text.find("| check | verdict |");
    const auto violations = text.find("### Violations");
    const auto levels = text.find("### Service levels");
    const auto repeat = text.find("### Repeat\n\n```sh\nwsrace run scenarios/cold_start.json");
    CHECK(checks < violations);
    CHECK(violations < levels);
    CHECK(levels < repeat);
    CHECK(repeat != std::string::npos);
}

TEST_CASE("In summary.md checks that passed are folded, those that did not are seen at once")
{
    const auto text = summary_markdown(failing_report().input());
    const auto folded = text.find("<details>\n<summary>13 checks passed, 2 skipped</summary>\n\n| check |");
    REQUIRE(folded != std::string::npos);
    CHECK(text.find("| `isolation` | **fail** |") < folded);
    CHECK(text.find("| `acknowledged` | **inconclusive** |") < folded);
    CHECK(text.find("| `routing` | pass |") > folded);
    CHECK(text.find("| `credentials` | skipped |") > folded);
    CHECK(has(text, "<details>\n<summary>Latencies</summary>\n\n| | n |"));
    const auto count = [&](std::string_view part) {
        std::size_t found = 0;
        for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
        return found;
    };
    CHECK(count("<details>") == count("</details>"));
    CHECK_FALSE(has(summary_markdown(SampleReport{}.input()), "<details>"));
}

TEST_CASE("summary.md shows one example of each signature, with its evidence")
{
    const auto text = summary_markdown(failing_report().input());
    CHECK(
        has(text,
            "**212 times, 213 users:** `isolation: foreign canary in agent_thinking at /payload/reasoning`"));
    CHECK(has(text, "- at 1.204 s, user 17, connection 1, request 0, data of user 4: `user 17"));
    CHECK(has(text, "   1.310 s  user 17, connection 1: end peer_closed, code 1011: internal error"));
    CHECK_FALSE(has(text, "user 18, connection"));
}

TEST_CASE("What happened once, or to no user, is said so")
{
    SignatureGroup group;
    group.count = 1;
    CHECK(how_often(group) == "once");
    group.users = 1;
    CHECK(how_often(group) == "once, 1 user");
    group.count = 35;
    group.users = 18;
    CHECK(how_often(group) == "35 times, 18 users");
}

TEST_CASE("summary.md stays below the size of a comment however much went wrong")
{
    auto report = failing_report();
    auto check = failed_check("schema", "", 1000);
    for (std::size_t i = 0; i < check.violations.size(); ++i) {
        check.violations[i].signature = std::to_string(i) + std::string(500, '`');
        check.violations[i].message = std::string(500, 'x');
        check.violations[i].evidence = {0, 1, 2, 3, 0, 1, 2, 3};
    }
    report.verdict.checks.push_back(check);
    const auto text = summary_markdown(report.input());
    CHECK(text.size() < 60'000);
    CHECK(has(text, "more signatures in `verdict.json`"));
}

TEST_CASE("A passing summary is short")
{
    const auto text = summary_markdown(passing_report().input());
    CHECK_FALSE(has(text, "### Violations"));
    CHECK(has(text, "| `isolation` | pass | 2 412 frames | 0 |"));
}
