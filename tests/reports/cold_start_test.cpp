#include "reports/cold_start.hpp"
#include "reports/schema_complaints.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace wsrace;
using nlohmann::json;

namespace {

constexpr Duration ms(std::int64_t count) { return std::chrono::milliseconds{count}; }

ColdStartStretch stretch(ArrivalOutcome outcome, std::int64_t from, std::int64_t until)
{
    ColdStartStretch one;
    one.outcome = outcome;
    one.from = {ms(from), ms(from - 2), ms(from + 2), true};
    one.until = {ms(until), ms(until - 1), ms(until + 1), true};
    one.users = 50;
    one.alike = 49;
    one.boots = 7;
    return one;
}

// Four columns of 250 ms; a window of 1011 in the second and a little of the fourth.
ColdStartReport sample()
{
    ColdStartReport report;
    report.scenario = "cold_start";
    report.command = "wsrace coldstart cold_start --seed 18446744073709551615";
    report.anchor = "port_open";
    report.seed = 18446744073709551615ULL;
    report.range_until = ms(1000);
    report.rate = 50;
    report.boots = 7;
    report.users = 400;
    report.outcomes[static_cast<std::size_t>(ArrivalOutcome::internal_error)] = 49;
    report.windows = {stretch(ArrivalOutcome::internal_error, 112, 840)};
    report.stretches = {stretch(ArrivalOutcome::retry_later, 0, 112), report.windows[0]};
    report.lie = ReadinessLie{ms(300), ms(839), ArrivalOutcome::internal_error, 30, 7};
    for (int i = 0; i < 4; ++i) {
        ColdStartCell cell{.from = ms(250 * i), .until = ms(250 * (i + 1)), .users = {}, .shown = {}};
        if (i < 3) cell.shown = i == 1 ? ArrivalOutcome::internal_error : ArrivalOutcome::good;
        report.cells.push_back(cell);
    }
    report.took = ms(17'000);
    report.kept = {"out/x/boot-0001"};
    return report;
}

std::string complaints(const json& document)
{
    return schema_complaints("reports/schema/coldstart.schema.json", document);
}

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("coldstart.json satisfies its schema, with and without findings", "[explore]")
{
    CHECK(complaints(json::parse(cold_start_json(sample()))) == "");
    ColdStartReport empty;
    empty.anchor = "spawn";
    empty.rate = 1;
    CHECK(complaints(json::parse(cold_start_json(empty))) == "");
}

TEST_CASE("The schema refuses what is not a search for a cold-start window", "[explore]")
{
    auto document = json::parse(cold_start_json(sample()));
    SECTION("an unknown field") { document["extra"] = 1; }
    SECTION("a missing field") { document["search"].erase("seed"); }
    SECTION("an outcome that does not exist") { document["windows"][0]["outcome"] = "sad"; }
    SECTION("an edge without its interval") { document["windows"][0]["from"].erase("low_ms"); }
    CHECK(complaints(document) != "");
}

TEST_CASE("coldstart.json says what was found, in numbers", "[explore]")
{
    const auto document = json::parse(cold_start_json(sample()));
    const auto& window = document["windows"][0];
    CHECK(window["sentence"] == "users who arrive between 112 ms and 840 ms after the port opens get 1011");
    CHECK(window["from"]["low_ms"] == 110.0);
    CHECK(window["until"]["high_ms"] == 841.0);
    CHECK(window["users_hit"] == 36.4);
    CHECK(document["search"]["seed"] == "18446744073709551615");
    CHECK(document["readiness_lie"]["said_ready_ms"] == 300.0);
    CHECK(document["outcomes"] == json{{"internal_error", 49}});
}

TEST_CASE("The strip has one letter per column and an axis below; colours only where they are wanted",
          "[explore]")
{
    const auto plain = strip_text(sample(), false);
    CHECK(plain == ".X. \n|----\n0 ms\n");
    CHECK_FALSE(contains(plain, "\x1b"));
    CHECK(contains(strip_text(sample(), true), "\x1b[41"));
    CHECK(strip_legend(sample()) == ". all they came for, X 1011");
}

TEST_CASE("The terminal says the sentence, the intervals, who is hit, and the lie", "[explore]")
{
    const auto text = cold_start_terminal(sample(), false);
    CHECK(contains(text, "FAIL cold_start"));
    CHECK(contains(text, "users who arrive between 112 ms and 840 ms after the port opens get 1011"));
    CHECK(contains(text, "from 112 ms (95 %: 110 ms to 114 ms), until 840 ms (95 %: 839 ms to 841 ms)"));
    CHECK(contains(text, "hits 36.4 at 50 users a second"));
    CHECK(contains(text, "readiness lie: says ready at 300 ms, users get 1011 until 839 ms"));
    CHECK(contains(text, "out/x/boot-0001"));
}

TEST_CASE("A search without a window says PASS, an interrupted or inconclusive one does not", "[explore]")
{
    ColdStartReport report;
    CHECK(contains(cold_start_terminal(report, false), "PASS"));
    report.interrupted = true;
    CHECK_FALSE(contains(cold_start_terminal(report, false), "PASS"));
    report.interrupted = false;
    report.problem = "nobody was served";
    CHECK(contains(cold_start_terminal(report, false), "INCONCLUSIVE"));
    CHECK(contains(cold_start_terminal(report, false), "nobody was served"));
}

TEST_CASE("Windows that touch the ends of the range are said differently", "[explore]")
{
    auto report = sample();
    auto& window = report.windows[0];
    window.until = {ms(1000), ms(1000), ms(1000), false};
    CHECK(sentence(window, report) == "users who arrive later than 112 ms after the port opens get 1011, to "
                                      "the end of the search at 1000 ms");
    window.from = {ms(0), ms(0), ms(0), false};
    report.anchor = "spawn";
    CHECK(sentence(window, report) ==
          "users get 1011 whenever they arrive, up to 1000 ms after the server is spawned");
}

TEST_CASE("All files are written, and nothing else stays", "[explore]")
{
    const TemporaryFolder folder;
    write_cold_start(folder.path() / "new", sample());
    CHECK(std::filesystem::exists(folder.path() / "new/coldstart.json"));
    CHECK(std::filesystem::exists(folder.path() / "new/coldstart.md"));
    CHECK(std::filesystem::exists(folder.path() / "new/report.html"));
    const auto entries = std::filesystem::directory_iterator{folder.path() / "new"};
    CHECK(std::distance(begin(entries), end(entries)) == 3);
}
