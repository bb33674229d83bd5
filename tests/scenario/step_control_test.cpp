// Settings that control a connection's steps byte by byte.
#include "scenario/explain.hpp"
#include "scenario/reading.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace std::chrono_literals;

namespace {

std::string request(const std::string& more = {})
{
    return R"({"request": {"text": "{canary}")" + more + "}}";
}

LoadedScenario with_journey(const std::string& steps, const std::string& more = {})
{
    return parse_patched(R"({"journey": ["login", )" + steps + "]" + more + "}");
}

StepSpec second_step(const std::string& step)
{
    const auto loaded = with_journey(step);
    CAPTURE(step, loaded.problems);
    REQUIRE(loaded.scenario);
    return loaded.scenario->journeys[0][1];
}

} // namespace

TEST_CASE("A connection's settings are read", "[scenario]")
{
    const auto all = second_step(R"({"connect": {"upgrade": {"trickle": "1ms"}, "receive_buffer": 4096,
        "abort": {"after": "upgrade_part", "by": "half_close"}, "pongs": {"late": "2s"}}})");
    CHECK(all.connect == ConnectSpec{.trickle = 1ms,
                                     .abort_after = AbortStage::upgrade_part,
                                     .abort_by = Ending::half_close,
                                     .receive_buffer = 4096,
                                     .pong_delay = 2s});
    CHECK(second_step(R"({"connect": {"upgrade": "whole", "pongs": "answer"}})").connect == ConnectSpec{});
    CHECK(second_step(R"({"connect": {"pongs": "withhold"}})").connect.withholds_pongs);
    CHECK(second_step(R"({"connect": {"abort": {"after": "welcome"}}})").connect.abort_by == Ending::fin);
}

TEST_CASE("Steps that control reading, pongs and ends keep all that they were told", "[scenario]")
{
    const auto loaded =
        with_journey(R"("connect", )" + request(R"(, "early": true)") + R"(, {"await_event": 3},
        {"stop_reading": "2s"}, {"read_slowly": {"rate": "2KiB", "for": "3s"}}, {"pong": "unsolicited"},
        {"drop": "half_close"}, {"reconnect": {"abort": {"after": "answered"}}}, "connect",
        {"drop": "silence"})");
    CAPTURE(loaded.problems);
    REQUIRE(loaded.scenario);
    const auto& steps = loaded.scenario->journeys[0];
    CHECK(steps[2].early);
    CHECK(steps[3].events == 3);
    CHECK(steps[4].lasting == 2s);
    CHECK(steps[5].rate == 2048);
    CHECK(steps[5].lasting == 3s);
    CHECK(steps[6].action == Action::pong);
    CHECK(steps[7].ending == Ending::half_close);
    CHECK(steps[8].connect.abort_after == AbortStage::answered);
    CHECK(steps[10].ending == Ending::silence);
}

TEST_CASE("Settings of steps that cannot be are mistakes, with a suggestion", "[scenario]")
{
    struct Row {
        std::string step;
        std::string path;
        std::string message;
    };
    const Row row = GENERATE(values<Row>({
        {R"({"connect": {"upgrade": "hole"}})", "[1].connect.upgrade", "\"whole\" or {\"trickle\": \"1ms\"}"},
        {R"({"connect": {"upgrade": {"trickle": "0ms"}}})", "[1].connect.upgrade.trickle", "found"},
        {R"({"connect": {"upgrade": {"tickle": "1ms"}}})", "[1].connect.upgrade", "\"trickle\" is missing"},
        {R"({"connect": {"abort": {}}})", "[1].connect.abort", "\"after\" is missing"},
        {R"({"connect": {"abort": {"after": "tsl"}}})", "[1].connect.abort.after", "did you mean \"tls\"?"},
        {R"({"connect": {"abort": {"after": "tls", "by": "fun"}}})", "[1].connect.abort.by",
         "did you mean \"fin\"?"},
        {R"({"connect": {"abort": {"after": "tls"}, "upgrade": {"trickle": "1ms"}}})", "[1].connect",
         "has no effect"},
        {R"({"connect": {"receive_buffer": 1}})", "[1].connect.receive_buffer", "from 1024"},
        {R"({"connect": {"pongs": "late"}})", "[1].connect.pongs", "{\"late\": \"2s\"}"},
        {R"({"connect": {"pong": "withhold"}})", "[1].connect.pong", "did you mean \"pongs\"?"},
        {R"("connect", {"drop": "half"})", "[2].drop", "half_close"},
        {R"("connect", {"stop_reading": "0s"})", "[2].stop_reading", "found"},
        {R"("connect", "stop_reading")", "[2]", "{\"stop_reading\": \"2s\"}"},
        {R"("connect", {"read_slowly": {"rate": "2KB", "for": "1s"}})", "[2].read_slowly.rate", "KiB"},
        {R"("connect", {"read_slowly": {"rate": "2KiB"}})", "[2].read_slowly", "\"for\" is missing"},
        {R"("connect", {"pong": "asked"})", "[2].pong", "unsolicited"},
        {R"("connect", {"await_event": 2})", "[2]", "no request before"},
        {R"("connect", )" + request() + R"(, {"await_event": 0})", "[3].await_event", "found 0"},
        {R"({"stop_reading": "1s"})", "[1]", "connect first"},
        {R"("connect", "await_welcome", )" + request(R"(, "early": true)"), "[3]",
         "connect directly before it"},
        {R"({"connect": {"abort": {"after": "welcome"}}}, )" + request(), "[2]",
         "given up on purpose; reconnect first"},
    }));
    CAPTURE(row.step);
    const auto loaded = with_journey(row.step);
    CAPTURE(loaded.problems);
    REQUIRE_FALSE(loaded.problems.empty());
    CHECK(loaded.problems[0].path == "$.journey" + row.path);
    CHECK_THAT(loaded.problems[0].message, Catch::Contains(row.message));
}

TEST_CASE("Steps within a connect, and what follows an event, can be delayed", "[scenario]")
{
    const auto journey = R"("connect", )" + request() + R"(, {"await_event": 2}, "drop")";
    const auto faults = [&](const std::string& at) {
        return with_journey(journey, R"(, "faults": [{"delay": "1ms", "at": )" + at + "}]");
    };
    CHECK(faults(R"("tls")").scenario->delays[0].at == "tls");
    CHECK(faults(R"("upgrade_sent")").scenario->delays[0].at == "upgrade_sent");
    CHECK(faults(R"({"event": 2})").scenario->delays[0].event == 2);
    const auto never = faults(R"({"event": 3})");
    REQUIRE(never.problems.size() == 1);
    CHECK_THAT(never.problems[0].message, Catch::Contains(R"(no journey has the step {"await_event": 3})"));
    CHECK(never.problems[0].path == "$.faults[0].at");
    CHECK_FALSE(faults(R"({"events": 2})").problems.empty());
}

TEST_CASE("What is controlled is explained", "[scenario]")
{
    const auto loaded =
        with_journey(R"({"connect": {"upgrade": {"trickle": "1ms"}, "pongs": "withhold"}}, )" +
                         request(R"(, "early": true)") +
                         R"(, {"await_event": 2}, {"stop_reading": "2s"}, {"drop": "silence"},
        {"reconnect": {"abort": {"after": "upgrade_sent", "by": "reset"}}})",
                     R"(, "faults": [{"at": {"event": 2}, "delay": "1ms"}])");
    CAPTURE(loaded.problems);
    REQUIRE(loaded.scenario);
    const auto text = explain(*loaded.scenario);
    for (const auto* const part : {"connect (the upgrade byte by byte, 1 ms apart, no pongs)",
                                   "early request", "await event 2", "stop reading for 2 s", "drop (silence)",
                                   "connect (given up after upgrade_sent by reset)", "1 ms after event 2"})
        CHECK_THAT(text, Catch::Contains(part));
}
