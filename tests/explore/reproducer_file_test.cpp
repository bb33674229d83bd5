#include "explore/reproducer_file.hpp"

#include "plan/generated_plans.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fstream>

using namespace wsrace;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

const Replay& found()
{
    static const Replay replay{.scenario = every_fault_scenario(),
                               .plan = generated_plan(3),
                               .signature = "five_events: silence",
                               .before = {.failed = 3, .played = 7}};
    return replay;
}

std::string texts(const LoadedReplay& loaded)
{
    CHECK(loaded.replay.has_value() == loaded.problems.empty());
    std::string out;
    for (const auto& problem : loaded.problems) {
        CHECK_FALSE(problem.path.empty());
        out += to_string(problem) + "\n";
    }
    return out;
}

// What is wrong with a right file once `patch` has been applied to it (RFC 6902).
std::string mistakes_after(const std::string& patch)
{
    static const auto right = json::parse(reproducer_json(found(), "1.0"));
    return texts(parse_replay(right.patch(json::parse(patch)).dump(), "reproducer.json", {}));
}

} // namespace

TEST_CASE("A reproducer is read back as it was written", "[explore]")
{
    const auto text = reproducer_json(found(), "1.0");
    const auto loaded = parse_replay(text, "reproducer.json", {});
    CAPTURE(texts(loaded));
    REQUIRE(loaded.replay);
    CHECK(loaded.replay->scenario.digest == found().scenario.digest);
    CHECK(loaded.replay->signature == "five_events: silence");
    CHECK(loaded.replay->before == Trials{.failed = 3, .played = 7});
    CHECK(reproducer_json(*loaded.replay, "1.0") == text);
}

TEST_CASE("A reproducer may say nothing of failures so far", "[explore]")
{
    auto document = json::parse(reproducer_json(found(), "1.0"));
    for (const auto* field : {"version", "signature", "failed", "played"}) document.erase(field);
    const auto loaded = parse_replay(document.dump(), "reproducer.json", {});
    CAPTURE(texts(loaded));
    REQUIRE(loaded.replay);
    CHECK(loaded.replay->signature.empty());
    CHECK(loaded.replay->before == Trials{});
}

TEST_CASE("What a reproducer must not be is told with its place", "[explore]")
{
    CHECK(mistakes_after("[]").empty());
    const auto replace = [](std::string_view field, std::string_view value) {
        return mistakes_after(R"([{"op": "add", "path": "/)" + std::string{field} + R"(", "value": )" +
                              std::string{value} + "}]");
    };
    CHECK_THAT(replace("signature", "3"), Contains("$.signature: expected a string"));
    CHECK_THAT(replace("version", "{}"), Contains("$.version: expected a string"));
    CHECK_THAT(replace("played", "-1"), Contains("$.played"));
    CHECK_THAT(replace("failed", "8"), Contains("failed 8 times, but was played 7 times only"));
    CHECK_THAT(replace("format_version", "2"), Contains("$.format_version: this file has format 2"));
    CHECK_THAT(replace("scenario", "[]"), Contains("$.scenario: expected an object"));
    CHECK_THAT(replace("plan", "null"), Contains("$.plan: expected an object"));
    CHECK_THAT(replace("plam", "{}"), Contains("plam"));
    CHECK_THAT(replace("scenario/users/count", "0"), Contains("scenario: $.users.count"));
    CHECK_THAT(replace("plan/anchor", "\"never\""), Contains("plan: $.anchor"));
    CHECK_THAT(mistakes_after(R"([{"op": "remove", "path": "/plan"}])"), Contains("\"plan\""));
    CHECK_THAT(mistakes_after(R"([{"op": "remove", "path": "/format_version"}])"),
               Contains("\"format_version\""));
}

TEST_CASE("What is no reproducer at all is a mistake, however deep it is nested", "[explore]")
{
    for (const auto& text : {std::string{}, std::string{"["}, std::string{"[]"}, std::string{"{}"},
                             R"({"plan": )" + std::string(200'000, '[') + std::string(200'000, ']') + "}"}) {
        CAPTURE(text.substr(0, 20));
        CHECK_FALSE(texts(parse_replay(text, "reproducer.json", {})).empty());
    }
}

TEST_CASE("A signature that is not UTF-8 is written all the same", "[explore]")
{
    auto replay = found();
    replay.signature = "server_log: pool \"\xFF\" is empty";
    const auto loaded = parse_replay(reproducer_json(replay, "1.0"), "reproducer.json", {});
    CAPTURE(texts(loaded));
    REQUIRE(loaded.replay);
    CHECK(loaded.replay->signature == "server_log: pool \"\xEF\xBF\xBD\" is empty");
}

TEST_CASE("A signature that no check can say is refused, since nothing would ever fail so", "[explore]")
{
    auto replay = found();
    replay.signature = "foo";
    const auto problems = texts(parse_replay(reproducer_json(replay, "1.0"), "reproducer.json", {}));
    CAPTURE(problems);
    CHECK(problems.find("$.signature: expected what a check says of a failure") != std::string::npos);
    replay.signature.clear(); // any failure
    CHECK(parse_replay(reproducer_json(replay, "1.0"), "reproducer.json", {}).replay);
}

TEST_CASE("A reproducer is found in its folder, and played against another target", "[explore]")
{
    const TemporaryFolder folder;
    std::ofstream{folder.path() / "reproducer.json"} << reproducer_json(found(), "1.0");
    const ScenarioOverrides faster{.set = {{"deadlines.total", "45s"}}};
    for (const auto& path : {folder.path(), folder.path() / "reproducer.json"}) {
        const auto loaded = load_replay(path, faster);
        CAPTURE(texts(loaded));
        REQUIRE(loaded.replay);
        CHECK(loaded.replay->scenario.expectations.deadlines.total == std::chrono::seconds{45});
        CHECK(plan_json(loaded.replay->plan) == plan_json(found().plan));
    }
}
