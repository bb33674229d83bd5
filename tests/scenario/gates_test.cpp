#include "scenario/explain.hpp"
#include "scenario/reading.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace std::chrono_literals;

TEST_CASE("A gate names a step, and who waits there how long", "[scenario][gates]")
{
    const auto loaded = parse_patched(R"({"users": {"count": 100}, "gates": [
        {"at": "upgrade_sent", "users": "30%", "size": 10, "within": "3s", "tolerance": "1ms"},
        {"at": "request"}]})");
    CAPTURE(loaded.problems);
    REQUIRE(loaded.scenario);
    const auto& gates = loaded.scenario->gates;
    REQUIRE(gates.size() == 2);
    CHECK(gates[0].at.kind == Moment::Kind::upgrade_sent);
    CHECK(gates[0].share == 0.3);
    CHECK(gates[0].size == 10);
    CHECK(gates[0].within == 3s);
    CHECK(gates[0].tolerance == 1ms);
    CHECK(gates[1].at == Moment{.kind = Moment::Kind::step, .action = Action::request, .event = 0});
    CHECK(gates[1].occurrence == 1);
    CHECK(gates[1].tolerance == 5ms);
    const auto& expected = loaded.scenario->expectations.gates;
    REQUIRE(expected.size() == 2);
    CHECK(expected[0].text == "gate 0 at upgrade_sent");
    CHECK(expected[0].tolerance == 1ms);
    const auto text = explain(*loaded.scenario);
    CHECK_THAT(text,
               Catch::Contains("gate 0 at upgrade_sent: groups of 10 of 30 % of the users together, 3 s for "
                               "the last, void beyond 1 ms"));
    CHECK_THAT(text, Catch::Contains("gate 1 at request: all of 100 % of the users"));
}

TEST_CASE("A gate to which nobody could come is a mistake", "[scenario][gates]")
{
    struct Row {
        std::string gate;
        std::string path;
        std::string message;
    };
    const Row row = GENERATE(values<Row>({
        {R"({"users": "50%"})", "", "\"at\" is missing"},
        {R"({"at": "upgrade_snt"})", ".at", "did you mean \"upgrade_sent\"?"},
        {R"({"at": "welcome"})", ".at", "unknown step \"welcome\""},
        {R"({"at": "pause"})", ".at", "unknown step \"pause\""},
        {R"({"at": "stop"})", ".at", "no journey gets to \"stop\""},
        {R"({"at": "request", "step": 2})", ".at", "no journey gets to \"request\" more often than 1 time"},
        {R"({"at": "request", "users": "0%"})", ".users", "above 0"},
        {R"({"at": "request", "size": 1})", ".size", "2"},
        {R"({"at": "request", "within": "0ms"})", ".within", "found"},
        {R"({"at": "request", "tolerance": 5})", ".tolerance", "found 5"},
        {R"({"at": "request", "user": "50%"})", ".user", "did you mean \"users\"?"},
        {R"({"at": "connect"})", "", "another gate at \"connect\" already"},
    }));
    CAPTURE(row.gate);
    const auto loaded = parse_patched(R"({"gates": [{"at": "connect"}, )" + row.gate + "]}");
    CAPTURE(loaded.problems);
    REQUIRE(loaded.problems.size() == 1);
    CHECK(loaded.problems[0].path == "$.gates[1]" + row.path);
    CHECK_THAT(loaded.problems[0].message, Catch::Contains(row.message));
}

TEST_CASE("One connection alone has nobody to wait for", "[scenario][gates]")
{
    const auto alone = parse_patched(R"({"users": {"count": 1}, "gates": [{"at": "connect"}]})");
    REQUIRE(alone.problems.size() == 1);
    CHECK_THAT(alone.problems[0].message, Catch::Contains("it takes two"));
    CHECK(parse_patched(R"({"users": {"count": 1, "connections": 2}, "gates": [{"at": "connect"}]})")
              .problems.empty());
}

TEST_CASE("Gates that two journeys pass in opposite order are a mistake", "[scenario][gates]")
{
    const auto loaded =
        parse_patched(R"({"users": {"count": 2, "connections": 2}, "journey": null, "journeys": [
        ["login", "connect", {"request": {"text": "{canary}"}}, "ping"],
        ["login", "connect", "ping", {"request": {"text": "{canary}"}}]],
        "gates": [{"at": "request"}, {"at": "ping"}]})");
    CAPTURE(loaded.problems);
    REQUIRE(loaded.problems.size() == 1);
    CHECK_THAT(loaded.problems[0].path, Catch::StartsWith("$.gates["));
    CHECK_THAT(loaded.problems[0].message, Catch::Contains("can never be kept"));
    CHECK_THAT(loaded.problems[0].message,
               Catch::Contains("gate 0, gate 1") || Catch::Contains("gate 1, gate 0"));
}

TEST_CASE("A request that leaves with the upgrade is held there or not at all", "[scenario][gates]")
{
    const auto loaded = parse_patched(R"({"users": {"count": 2}, "gates": [{"at": "request"}],
        "journey": ["login", "connect", {"request": {"text": "{canary}", "early": true}}, "await_events"]})");
    CAPTURE(loaded.problems);
    REQUIRE_FALSE(loaded.problems.empty());
    CHECK(loaded.problems[0].path == "$.gates[0].at");
    CHECK_THAT(loaded.problems[0].message, Catch::Contains("hold it there, at \"upgrade_sent\""));
}
