#include "reports/hunt.hpp"
#include "reports/schema_complaints.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace wsrace;
using nlohmann::json;

namespace {

FoundFailure race()
{
    FoundFailure failure;
    failure.signature = "isolation: canary of another user";
    failure.details = {"isolation: canary of another user in agent_completed at /payload/result/text"};
    failure.also_seen = {{"five_events: silence", 2}};
    failure.count = 3;
    failure.first_execution = 41;
    failure.folder = "out/hunt/execution-000044";
    Reproducer reproducer;
    reproducer.folder = "out/hunt/race-1";
    reproducer.elements = {"user 0", "user 4"};
    reproducer.elements_before = 12;
    reproducer.failed = 10;
    reproducer.played = 10;
    reproducer.finished = true;
    reproducer.confirmed = true;
    reproducer.plays = 34;
    reproducer.steps = {{"sampling", "9 elements: left out (3 of 3 plays failed)", 3, 3}};
    failure.reproducer = reproducer;
    return failure;
}

FoundFailure seen_serially_only()
{
    FoundFailure failure;
    failure.signature = "close_codes: 1000";
    failure.is_race = false;
    return failure;
}

HuntReport sample()
{
    HuntReport report;
    report.scenario = "golden_path";
    report.command = "wsrace hunt golden_path --seed 18446744073709551615";
    report.seed = 18446744073709551615ULL;
    report.executions = 80;
    report.failed = 3;
    report.took = std::chrono::milliseconds{12'345};
    report.baseline = std::chrono::milliseconds{1'234};
    report.strategies = {{"swarm", 80, 3, 0, 12, {}}, {"boot", 0, 0, 0, 0, "no server is started"}};
    report.failures = {race(), seen_serially_only()};
    report.coverage = {.executions = 80, .since_new = 4, .plateau_after = 300, .pairs = {}};
    report.coverage.pairs.push_back({.pair = {Relation::other_user, StepType::close, StepType::request},
                                     .hits = {0, 1, 2, 0, 0, 0, 0, 0}});
    return report;
}

std::string complaints(const json& document)
{
    return schema_complaints("reports/schema/hunt.schema.json", document);
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("hunt.json satisfies its schema, with and without failures", "[reports]")
{
    CHECK(complaints(json::parse(hunt_json(sample()))) == "");
    CHECK(complaints(json::parse(hunt_json({}))) == "");
}

TEST_CASE("The schema refuses what is not a hunt", "[reports]")
{
    auto document = json::parse(hunt_json(sample()));
    SECTION("an unknown field") { document["extra"] = 1; }
    SECTION("a missing field") { document.erase("statement"); }
    SECTION("a failure that may be a race or not") { document["failures"][0].erase("race"); }
    SECTION("a reproducer without its interval") { document["failures"][0]["reproducer"].erase("rate_low"); }
    SECTION("a seed as a number") { document["seed"] = 7; }
    SECTION("hits without all gaps") { document["coverage"]["pairs"][0]["hits"].erase(0); }
    CHECK(complaints(document) != "");
}

TEST_CASE("What was learned of the target's runs is told, and also that nothing was", "[reports]")
{
    auto report = sample();
    CHECK(json::parse(hunt_json(report))["run_events"].is_null());
    CHECK(!has(hunt_terminal(report, false), "Events of a run"));
    CHECK(!has(hunt_markdown(report), "Events of a run"));

    report.run_events = RunEvents{};
    report.run_events->types = {FrameType::agent_started, FrameType::agent_completed};
    report.run_events->order = {{FrameType::agent_started, FrameType::agent_completed}};
    report.run_events->learned_from = 9;
    const auto document = json::parse(hunt_json(report));
    CHECK(complaints(document) == "");
    CHECK(document["run_events"] == json::parse(R"({"learned_from": 9,
        "types": ["agent_started", "agent_completed"], "order": [["agent_started", "agent_completed"]]})"));
    for (const auto& text : {hunt_terminal(report, false), hunt_markdown(report)})
        CHECK(has(text, "learned from 9 runs: agent"));

    report.run_events = RunEvents::not_yet_learned();
    const auto nothing = json::parse(hunt_json(report));
    CHECK(complaints(nothing) == "");
    CHECK(nothing["run_events"]["learned_from"] == 0);
    for (const auto& text : {hunt_terminal(report, false), hunt_markdown(report)})
        CHECK(has(text, "nothing was learned"));
}

TEST_CASE("hunt.json says what was found", "[reports]")
{
    const auto document = json::parse(hunt_json(sample()));
    CHECK(document["exit_status"] == 1);
    CHECK(document["seed"] == "18446744073709551615");
    CHECK(document["failures"][0]["race"] == true);
    CHECK(document["failures"][0]["first_execution"] == 41);
    CHECK(document["failures"][0]["reproducer"]["elements"] == json{"user 0", "user 4"});
    CHECK(document["failures"][1]["race"] == false);
    CHECK(document["failures"][1]["reproducer"].is_null());
    CHECK(document["strategies"][1]["why_not"] == "no server is started");
}

TEST_CASE("People read the same on a terminal and in Markdown", "[reports]")
{
    for (const auto& text : {hunt_terminal(sample(), false), hunt_markdown(sample())}) {
        INFO(text);
        CHECK(has(text, "1 race, and 1 error without one"));
        CHECK(has(text, "in 3 executions, first in execution 41"));
        CHECK(has(text, "2 of 12 elements left"));
        CHECK(has(text, "wsrace repro out/hunt/race-1"));
        CHECK(has(text, "before the search only, with one user at a time"));
        CHECK(!has(text, "Not confirmed"));
        CHECK(!has(text, "wsrace repro \n"));
    }
}

TEST_CASE("A reproducer that nobody has confirmed says so", "[reports]")
{
    auto report = sample();
    report.failures[0].reproducer->confirmed = false;
    for (const auto& text : {hunt_terminal(report, false), hunt_markdown(report)})
        CHECK(has(text, "Not confirmed with fresh plays yet: `wsrace shrink out/hunt/race-1` goes on"));
    report.failures[0].reproducer->finished = false;
    for (const auto& text : {hunt_terminal(report, false), hunt_markdown(report)})
        CHECK(has(text, "Not finished: `wsrace shrink out/hunt/race-1` goes on"));
}

TEST_CASE("What a failure is stands apart from when it was seen", "[reports]")
{
    CHECK(has(hunt_markdown(sample()), "with one user at a time (one user at a time shows it, too"));
}

TEST_CASE("A race that comes with an error of the application says so", "[reports]")
{
    auto report = sample();
    CHECK(!has(hunt_terminal(report, false), "perhaps a consequence"));
    report.failures[0].also_seen.emplace_back("close_codes: 1000", 3);
    CHECK(has(hunt_terminal(report, false),
              "perhaps a consequence of close_codes: 1000, which needs no race: mend that first"));
    CHECK(has(hunt_markdown(report), "perhaps a consequence of close\\_codes: 1000, which needs no race"));
}

TEST_CASE("A hunt leaves its files", "[reports]")
{
    const TemporaryFolder folder;
    write_hunt(folder.path() / "hunt", sample());
    for (const auto* name : {"hunt.json", "hunt.md", "coverage.json", "report.html"})
        CHECK(std::filesystem::is_regular_file(folder.path() / "hunt" / name));
}
