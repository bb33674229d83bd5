#include "scenario/explain.hpp"
#include "scenario/presets.hpp"
#include "scenario/reading.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace wsrace;

namespace {

LoadedScenario with_behaviours(const std::string& list, const std::string& more = "")
{
    return parse_patched(R"({"users": {"count": 20, "behaviours": )" + list + "}" + more + "}");
}

BehaviourSpec read(const std::string& behaviour)
{
    const auto loaded = with_behaviours("[" + behaviour + "]");
    CAPTURE(behaviour, loaded.problems);
    REQUIRE(loaded.scenario);
    return loaded.scenario->behaviours.at(0);
}

std::size_t count(const std::vector<StepSpec>& journey, Action action)
{
    return static_cast<std::size_t>(std::count_if(
        journey.begin(), journey.end(), [action](const StepSpec& step) { return step.action == action; }));
}

} // namespace

TEST_CASE("Every preset is a journey that the rules of journeys allow", "[scenario]")
{
    for (const Preset& preset : presets()) {
        const std::string which{name(preset.behaviour)};
        CAPTURE(which);
        const auto loaded = with_behaviours(R"([{"behaviour": ")" + which + R"(", "users": "10%"}])",
                                            R"(, "journey": ["login", "connect", "await_welcome",
                {"request": {"text": "{canary}", "thread": "notes-{user}"}}, "await_events"])");
        CAPTURE(loaded.problems);
        REQUIRE(loaded.scenario);
        const auto& behaviour = loaded.scenario->behaviours.at(0);
        CHECK(behaviour.kind == preset.behaviour);
        CHECK(behaviour.share == 0.1);
        CHECK(behaviour.connections >= behaviour.journeys.size());
        for (const auto& journey : behaviour.journeys) CHECK(count(journey, Action::connect) >= 1);
        const auto explained = explain(*loaded.scenario);
        CHECK_THAT(explained, Catch::Contains(which + ": 10 % of the users"));
    }
}

TEST_CASE("Settings of a behaviour change its journey", "[scenario]")
{
    const auto racer = read(R"({"behaviour": "ticket_racer", "users": 2, "connections": 6, "times": 2})");
    CHECK(racer.users == 2);
    CHECK(racer.connections == 6);
    REQUIRE(racer.journeys.size() == 1);
    CHECK(count(racer.journeys[0], Action::connect) == 2);
    CHECK(racer.journeys[0].at(1).credential == Credential::shared_ticket);

    const auto leaver = read(R"({"behaviour": "leaver", "users": 1, "at": "welcome", "by": "reset"})");
    CHECK(leaver.journeys[0].back().action == Action::drop);
    CHECK(count(leaver.journeys[0], Action::request) == 0);

    const auto forger = read(R"({"behaviour": "forger", "users": 1, "tokens": ["alg_none", "missing"]})");
    CHECK(count(forger.journeys[0], Action::connect) == 3);
    CHECK(forger.journeys[0].at(1).credential == Credential::alg_none);
    CHECK(forger.journeys[0].at(4).credential == Credential::missing);

    const auto back = read(R"({"behaviour": "instant_reconnector", "users": 1, "times": 5, "after": "2ms",
                               "request": {"text": "cut me {canary}"}})");
    CHECK(count(back.journeys[0], Action::drop) == 5);
    CHECK(count(back.journeys[0], Action::pause) == 5);
    CHECK(back.journeys[0].at(3).text == "cut me {canary}");

    const auto squatter = read(R"({"behaviour": "thread_squatter", "users": 1, "thread": "x-{other_user}"})");
    CHECK(squatter.journeys[0].at(3).thread == "x-{other_user}");
}

TEST_CASE("A behaviour that cannot be is a mistake", "[scenario]")
{
    struct Row {
        std::string behaviour;
        std::string path; // under $.users.behaviours
        std::string message;
    };
    const auto row = GENERATE(values<Row>({
        {R"({"behaviour": "leave", "users": 1})", "[0].behaviour", "did you mean \"leaver\"?"},
        {R"({"behaviour": "leaver"})", "[0]", "\"users\" is missing"},
        {R"({"users": 3})", "[0]", "\"behaviour\" is missing"},
        {R"({"behaviour": "leaver", "users": "0%"})", "[0].users", "a share of the users"},
        {R"({"behaviour": "leaver", "users": 0})", "[0].users", "1 to 1000000"},
        {R"({"behaviour": "leaver", "users": 21})", "", "21 users with a behaviour, but 20 users in all"},
        {R"({"behaviour": "leaver", "users": "60%"}, {"behaviour": "forger", "users": "50%"})", "",
         "add up to 110 %"},
        {R"({"behaviour": "leaver", "users": 1, "times": 2})", "[0].times", "unknown field \"times\""},
        {R"({"behaviour": "leaver", "users": 1, "at": "noon"})", "[0].at", "unknown at \"noon\""},
        {R"({"behaviour": "silent_witness", "users": 1, "for": "long"})", "[0][0][3].pause", "a duration"},
        {R"({"behaviour": "leaver", "users": 1, "request": {"text": "hello"}})", "[0].request.text",
         "no {canary}"},
        {R"({"behaviour": "thread_squatter", "users": 1})", "[0]", "a thread of somebody else"},
        {R"({"behaviour": "forger", "users": 1, "tokens": ["expird"]})", "[0][0][1].connect.token",
         "did you mean \"expired\"?"},
    }));
    const auto loaded = with_behaviours("[" + row.behaviour + "]");
    CAPTURE(row.behaviour, loaded.problems);
    REQUIRE(loaded.problems.size() == 1);
    CHECK(loaded.problems[0].path == "$.users.behaviours" + row.path);
    CHECK_THAT(loaded.problems[0].message, Catch::Contains(row.message));
}

TEST_CASE("Connections that bring another credential need a login, and somebody to share with", "[scenario]")
{
    const auto rejected = [](const std::string& journey, const std::string& more = "") {
        const auto loaded = parse_patched(R"({"journey": )" + journey + more + "}");
        CAPTURE(loaded.problems);
        REQUIRE(loaded.problems.size() == 1);
        return to_string(loaded.problems[0]);
    };
    CHECK_THAT(rejected(R"(["login", {"connect": {"ticket": "shared"}}])"), Catch::Contains("nobody shares"));
    CHECK_THAT(rejected(R"(["login", {"connect": {"token": "bad"}}])"), Catch::Contains("(known: missing,"));
    CHECK_THAT(rejected(R"(["login", {"connect": {"tokn": "expired"}}])"), Catch::Contains("\"token\"?"));
    CHECK_THAT(rejected(R"(["login", {"connect": {"token": "expired", "ticket": "shared"}}])",
                        R"(, "users": {"connections": 2})"),
               Catch::Contains("exclude each other"));
    CHECK_THAT(rejected(R"([{"connect": {"token": "expired"}}])",
                        R"(, "profile": {"extends": "netra", "login": {"kind": "none"}, "carrier": "none"})"),
               Catch::Contains("has no login"));
    CHECK_THAT(
        rejected(R"(["login", "connect", {"request": {"text": "{canary}", "thread": "t-{other_user}"}}])",
                 R"(, "users": {"count": 1})"),
        Catch::Contains("only one user"));
    CHECK_THAT(rejected(R"(["login", "connect", {"request": {"text": "{canary} {other_user}"}}])"),
               Catch::Contains("unknown placeholder"));
}
