#include "scenario/reading.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;

namespace {

struct Row {
    std::string journey;
    std::string path; // under $.journey
    std::string message;
};

void check_row(const Row& row)
{
    CAPTURE(row.journey);
    const auto loaded = parse_patched(R"({"journey": )" + row.journey + "}");
    CAPTURE(loaded.problems);
    REQUIRE(loaded.problems.size() == 1);
    CHECK(loaded.problems[0].path == "$.journey" + row.path);
    CHECK_THAT(loaded.problems[0].message, Catch::Contains(row.message));
}

std::vector<StepSpec> steps_of(const std::string& journey)
{
    const auto loaded = parse_patched(R"({"journey": )" + journey + "}");
    CAPTURE(loaded.problems);
    REQUIRE(loaded.scenario);
    return loaded.scenario->journeys.at(0);
}

} // namespace

TEST_CASE("Steps that are none are mistakes", "[scenario]")
{
    check_row(GENERATE(values<Row>({
        {R"([])", "", "no step in this list"},
        {R"("login")", "", "a list of steps"},
        {R"(["login", "conect"])", "[1]", "did you mean \"connect\"?"},
        {R"(["login", "connect", 7])", "[2]", "expected a step"},
        {R"(["login", "connect", {}])", "[2]", "expected a step"},
        {R"(["login", "connect", {"ping": 1, "pause": "1s"}])", "[2]", "only field"},
        {R"(["login", "connect", {"ping": {}}])", "[2]", "\"ping\" has no settings: write \"ping\""},
        {R"(["login", "connect", "request"])", "[2]", "\"request\" needs settings"},
        {R"(["login", "connect", "pause"])", "[2]", "write {\"pause\": \"20ms\"}"},
        {R"(["login", "connect", "repeat"])", "[2]", "\"repeat\" needs settings"},
        {R"(["login", "connect", {"request": "hello {canary}"}])", "[2].request",
         "an object that describes a request"},
        {R"(["login", "connect", {"request": {}}])", "[2].request", "\"text\" is missing"},
        {R"(["login", "connect", {"request": {"text": "hello"}}])", "[2].request.text",
         "add it: \"hello {canary}\""},
        {R"(["login", "connect", {"request": {"text": "{canary} {usr}"}}])", "[2].request.text",
         "unknown placeholder \"usr\" (known: canary, user, connection, request); did you mean \"user\"?"},
        {R"(["login", "connect", {"request": {"text": "{canary}", "thread": "t-{who}"}}])",
         "[2].request.thread", "unknown placeholder \"who\""},
        {R"(["login", "connect", {"request": {"text": "{canary}", "message": "chatt"}}])",
         "[2].request.message", "did you mean \"chat\"?"},
        {R"(["login", "connect", {"request": {"text": "{canary}", "settings": "x"}}])",
         "[2].request.settings", "an object"},
        {R"(["login", "connect", {"request": {"text": "{canary}", "txt": "x"}}])", "[2].request.txt",
         "\"text\"?"},
        {R"(["login", "connect", {"pause": 20}])", "[2].pause", "a duration (\"20ms\")"},
        {R"(["login", "connect", {"pause": "20"}])", "[2].pause", "a duration"},
        {R"(["login", "connect", {"pause": {"gaussian": ["1ms", "2ms"]}}])", "[2].pause.gaussian", "uniform"},
        {R"(["login", "connect", {"pause": {"uniform": ["1ms"]}}])", "[2].pause.uniform", "a list of two"},
        {R"(["login", "connect", {"pause": {"uniform": ["2ms", "1ms"]}}])", "[2].pause.uniform",
         "above the upper"},
        {R"(["login", "connect", {"pause": {"log_uniform": ["0ms", "1ms"]}}])", "[2].pause.log_uniform[0]",
         "above zero"},
        {R"(["login", "connect", {"pause": {"exponential": "0s"}}])", "[2].pause.exponential", "above zero"},
        {R"(["login", "connect", {"drop": "rst"}])", "[2].drop", "(known: fin, reset, half_close, silence)"},
        {R"(["login", "connect", {"close": 1006}])", "[2].close", "cannot be sent"},
        {R"(["login", "connect", {"close": 2000}])", "[2].close", "cannot be sent"},
        {R"(["login", "connect", {"close": 5000}])", "[2].close", "1000 to 4999"},
        {R"(["login", "connect", {"repeat": {"times": 0, "steps": ["ping"]}}])", "[2].repeat.times",
         "1 to 1000"},
        {R"(["login", "connect", {"repeat": {"steps": ["ping"]}}])", "[2].repeat", "\"times\" is missing"},
        {R"(["login", "connect", {"repeat": {"times": 2}}])", "[2].repeat", "\"steps\" is missing"},
        {R"(["login", "connect", {"repeat": {"times": 2, "steps": []}}])", "[2].repeat.steps", "no step"},
        {R"(["login", "connect", {"repeat": {"times": 2, "steps": ["pin"]}}])", "[2].repeat.steps[0]",
         "\"ping\"?"},
        {R"(["login", "connect", {"repeat": {"times": 1000, "steps": [
            {"repeat": {"times": 1000, "steps": ["ping"]}}]}}])",
         "[2].repeat", "longer than 10000 steps"},
    })));
}

TEST_CASE("Steps in an order that can never work are mistakes", "[scenario]")
{
    check_row(GENERATE(values<Row>({
        {R"(["connect"])", "[0]", "needs a login"},
        {R"(["login"])", "", "nobody ever connects"},
        {R"(["login", {"request": {"text": "{canary}"}}, "connect"])", "[1]", "connect first"},
        {R"(["login", "await_welcome", "connect"])", "[1]", "connect first"},
        {R"(["login", "reconnect"])", "[1]", "write \"connect\""},
        {R"(["login", "connect", "connect"])", "[2]", "drop or close it first"},
        {R"(["login", "connect", "close", "ping"])", "[3]", "reconnect first"},
        {R"(["login", "connect", "drop", "close"])", "[3]", "reconnect first"},
        {R"(["login", "connect", "await_welcome", "await_welcome"])", "[3]", "it comes once"},
        {R"(["login", "connect", "await_events"])", "[2]", "no request before"},
        {R"(["login", "connect", "await_first_event"])", "[2]", "no request before"},
        {R"(["login", "connect", "stop"])", "[2]", "no run can be going on"},
        {R"(["login", "connect", {"request": {"text": "{canary}"}}, "await_events", "stop"])", "[4]",
         "no await_events in between"},
        {R"(["login", "connect", {"request": {"text": "{canary}"}}, "stop", "stop"])", "[4]",
         "no run can be"},
        {R"(["login", "connect", {"request": {"text": "{canary}"}}, "await_events", "await_events"])", "[4]",
         "since the last await_events"},
        {R"(["login", {"repeat": {"times": 3, "steps": ["connect"]}}])", "[1].repeat.steps[0]",
         "drop or close"},
    })));
}

TEST_CASE("Orders that look odd but work are accepted", "[scenario]")
{
    const std::string journey = GENERATE(
        as<std::string>{}, R"(["login", "connect", "drop", "connect", "close"])",
        R"(["login", "connect", "await_welcome", "drop", "reconnect", "await_welcome"])",
        R"(["login", "connect", {"request": {"text": "{canary}"}}, "drop", "reconnect", "await_events"])",
        R"(["login", "connect", {"request": {"text": "{canary}"}}, {"request": {"text": "{canary}"}},
            "stop", "stop",
            "await_events"])",
        R"(["login", "connect", {"request": {"text": "say {\"a\": 1} and {} and {canary}"}}])",
        R"(["login", {"pause": "1s"}, "connect"])");
    CAPTURE(journey);
    CHECK(parse_patched(R"({"journey": )" + journey + "}").problems.empty());
}

TEST_CASE("A repetition is unrolled", "[scenario]")
{
    const auto steps = steps_of(R"(["login", {"repeat": {"times": 2, "steps": [
        "connect", {"repeat": {"times": 3, "steps": ["ping"]}}, {"close": 3001}]}}])");
    std::string actions;
    for (const StepSpec& step : steps) actions += std::string(name(step.action)) + " ";
    CHECK(actions == "login connect ping ping ping close connect ping ping ping close ");
    CHECK(steps.back().code == 3001);
}

TEST_CASE("A step keeps all that it was told", "[scenario]")
{
    using namespace std::chrono_literals;
    const auto steps = steps_of(R"(["login", "connect",
        {"request": {"text": "a {canary}", "thread": "t", "message": "chat", "settings": {"tool": "x",
            "n": 1}}},
        {"pause": {"log_uniform": ["1ms", "2s"]}}, {"drop": "reset"}, "reconnect", "drop"])");
    CHECK(steps[2].text == "a {canary}");
    CHECK(steps[2].thread == "t");
    CHECK(steps[2].message == "chat");
    CHECK(nlohmann::json::parse(steps[2].settings) == nlohmann::json::parse(R"({"tool": "x", "n": 1})"));
    CHECK(steps[3].duration == Distribution{Distribution::Kind::log_uniform, 1ms, 2s});
    CHECK(steps[4].ending == Ending::reset);
    CHECK(steps[5].action == Action::connect);
    CHECK(steps[6].ending == Ending::fin);
}

TEST_CASE("Several journeys need as many connections", "[scenario]")
{
    const std::string two =
        R"("journey": null, "journeys": [["login", "connect"], ["login", "connect", "ping"]])";
    CHECK(parse_patched("{" + two + "}").scenario->connections == 2);
    CHECK(parse_patched(R"({"users": {"connections": 5}, )" + two + "}").scenario->connections == 5);
    const auto fewer = parse_patched(R"({"users": {"connections": 1}, )" + two + "}");
    REQUIRE(fewer.problems.size() == 1);
    CHECK(fewer.problems[0].path == "$.users");
    CHECK(parse_patched(R"({"journeys": [["login", "connect"]]})").problems.at(0).path == "$");
    CHECK(parse_patched(R"({"journey": null})").problems.at(0).message.find("\"journey\" is missing") == 10);
    CHECK(parse_patched(R"({"journey": null, "journeys": []})").problems.at(0).path == "$.journeys");
}

TEST_CASE("A profile without a login lets users connect without one", "[scenario]")
{
    CHECK(parse_patched(R"({"journey": ["connect"],
        "profile": {"extends": "netra", "login": {"kind": "none"}, "carrier": "none"}})")
              .problems.empty());
}
