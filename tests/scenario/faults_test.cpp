#include "scenario/reading.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;

TEST_CASE("A fault names a step that happens, a delay and a share of the users", "[scenario]")
{
    const auto loaded = parse_patched(
        R"({"faults": [{"at": "connect", "delay": {"uniform": ["0ms", "5ms"]}, "users": "12.5%"},
                                                     {"at": "request", "delay": "3ms"}]})");
    CAPTURE(loaded.problems);
    REQUIRE(loaded.scenario);
    CHECK(loaded.scenario->delays.at(0).at == "connect");
    CHECK(loaded.scenario->delays.at(0).share == 0.125);
    CHECK(loaded.scenario->delays.at(0).delay.kind == Distribution::Kind::uniform);
    CHECK(loaded.scenario->delays.at(1).share == 1);
}

TEST_CASE("A fault that could not happen is a mistake", "[scenario]")
{
    struct Row {
        std::string fault;
        std::string path;
        std::string message;
    };
    const Row row = GENERATE(values<Row>({
        {R"({"delay": "1ms"})", "", "\"at\" is missing"},
        {R"({"at": "connect"})", "", "\"delay\" is missing"},
        {R"({"at": "conect", "delay": "1ms"})", ".at", "did you mean \"connect\"?"},
        {R"({"at": "stop", "delay": "1ms"})", ".at", "no journey has the step \"stop\""},
        {R"({"at": "connect", "delay": 5})", ".delay", "a duration"},
        {R"({"at": "connect", "delay": "1ms", "users": "0%"})", ".users", "above 0"},
        {R"({"at": "connect", "delay": "1ms", "users": "101%"})", ".users", "up to 100"},
        {R"({"at": "connect", "delay": "1ms", "users": 0.3})", ".users", "found 0.3"},
        {R"({"at": "connect", "delay": "1ms", "users": "30"})", ".users", "found \"30\""},
        {R"({"at": "connect", "delay": "1ms", "user": "30%"})", ".user", "did you mean \"users\"?"},
    }));
    CAPTURE(row.fault);
    const auto loaded =
        parse_patched(R"({"faults": [{"at": "connect", "delay": "1ms"}, )" + row.fault + "]}");
    REQUIRE(loaded.problems.size() == 1);
    CHECK(loaded.problems[0].path == "$.faults[1]" + row.path);
    CHECK_THAT(loaded.problems[0].message, Catch::Contains(row.message));
}
