#include "scenario/explain.hpp"
#include "scenario/reading.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace std::chrono_literals;

namespace {

using Kind = DependencyFault::Kind;

struct Row {
    std::string text;
    std::string path;
    std::string message;
};

// A scenario whose server depends on "auth", which is elsewhere, and on "store", which it starts itself.
LoadedScenario with_faults(const std::string& faults)
{
    return parse_patched(R"({"target": {"server": {
        "command": ["serve", "{port}", "--auth={dependency.auth}", "{upstream.store}"],
        "environment": {"STORE": "tcp://{dependency.store}/0"},
        "dependencies": [{"name": "auth", "upstream": "db.example.org:5432"}, {"name": "store"}]}},
        "faults": [)" + faults +
                         "]}");
}

LoadedScenario with_server(const std::string& rest) // of the server's fields
{
    return parse_patched(R"({"target": {"server": {"command": ["serve", "{port}", "{dependency.auth}"],)" +
                         rest + "}}}");
}

} // namespace

TEST_CASE("Dependencies have a name, and an upstream unless the server starts them", "[scenario]")
{
    const auto loaded = with_faults("");
    CAPTURE(loaded.problems);
    REQUIRE(loaded.scenario);
    const auto& dependencies = loaded.scenario->target.server->dependencies;
    REQUIRE(dependencies.size() == 2);
    CHECK(dependencies[0].name == "auth");
    CHECK(dependencies[0].upstream == "db.example.org:5432");
    CHECK(dependencies[1].name == "store");
    CHECK(dependencies[1].upstream.empty());
    CHECK(loaded.scenario->target.server->command.at(2) == "--auth={dependency.auth}");
}

TEST_CASE("Faults of dependencies are read beside those of steps, in their order", "[scenario]")
{
    const auto loaded = with_faults(R"({"dependency": "auth", "delay": "300ms", "during": "start"},
        {"at": "connect", "delay": "1ms"},
        {"dependency": "store", "hang": true, "from": "1s", "until": "2s"},
        {"dependency": "store", "refuse": true, "connections": [3, 5]},
        {"dependency": "store", "cut": true, "from": "2s", "connections": [0, 0]},
        {"dependency": "auth", "delay": {"uniform": ["1ms", "9ms"]}})");
    CAPTURE(loaded.problems);
    REQUIRE(loaded.scenario);
    CHECK(loaded.scenario->delays.size() == 1);
    const auto& faults = loaded.scenario->dependency_faults;
    REQUIRE(faults.size() == 5);
    CHECK((faults[0].kind == Kind::delay && faults[0].dependency == "auth" && faults[0].during_start));
    CHECK(faults[0].delay.low == 300ms);
    CHECK((faults[1].kind == Kind::hang && faults[1].from == 1s && faults[1].until == 2s));
    CHECK((faults[2].kind == Kind::refuse && faults[2].from == 0s && faults[2].until == Duration::max()));
    CHECK((faults[2].first_connection == 3 && faults[2].last_connection == 5));
    CHECK((faults[3].kind == Kind::cut && faults[3].from == 2s && faults[3].last_connection == 0));
    CHECK(faults[4].delay.kind == Distribution::Kind::uniform);
    CHECK((faults[4].first_connection == 0 && faults[4].last_connection == 0xFFFFFFFFU));

    const auto text = explain(*loaded.scenario);
    CAPTURE(text);
    for (const char* line :
         {"auth, through a proxy; it is at db.example.org:5432",
          "store, through a proxy; the server starts it itself",
          "auth: every answer 300 ms later, until the server is ready",
          "store: connections are accepted, and nothing is passed on, from 1 s to 2 s after the spawn",
          "store: connections are refused (reset at once), only connections 3 to 5",
          "store: open connections are cut (reset), 2 s after the spawn, only connection 0",
          "auth: every answer 1 ms to 9 ms later\n"})
        CHECK_THAT(text, Catch::Contains(line));
}

TEST_CASE("A fault of a dependency that could not happen is a mistake", "[scenario]")
{
    const Row row = GENERATE(values<Row>({
        {R"({"dependency": "auht", "hang": true})", ".dependency",
         "unknown dependency \"auht\" (known: auth, store); did you mean \"auth\"?"},
        {R"({"dependency": 1, "hang": true})", ".dependency", "expected"},
        {R"({"dependency": "auth"})", "", "\"delay\", \"hang\", \"refuse\" or \"cut\""},
        {R"({"dependency": "auth", "hang": true, "delay": "1ms"})", "", "exclude each other"},
        {R"({"dependency": "auth", "hang": false})", ".hang", "expected true"},
        {R"({"dependency": "auth", "refuse": 1})", ".refuse", "expected true"},
        {R"({"dependency": "auth", "delay": 5})", ".delay", "a duration"},
        {R"({"dependency": "auth", "hang": true, "until": "2s", "from": "3s"})", ".until",
         "would end at 2 s, before it begins at 3 s"},
        {R"({"dependency": "auth", "hang": true, "until": "2s", "from": "2s"})", ".until", "would end"},
        {R"({"dependency": "auth", "hang": true, "until": "0s"})", ".until", "above zero"},
        {R"({"dependency": "auth", "hang": true, "from": 1})", ".from", "a duration"},
        {R"({"dependency": "auth", "hang": true, "during": "start", "until": "2s"})", ".during", "excludes"},
        {R"({"dependency": "auth", "hang": true, "during": "start", "from": "2s"})", ".during", "excludes"},
        {R"({"dependency": "auth", "hang": true, "during": "strat"})", ".during", "did you mean \"start\"?"},
        {R"({"dependency": "auth", "cut": true})", "", "needs \"from\""},
        {R"({"dependency": "auth", "cut": true, "from": "0s"})", "", "needs \"from\""},
        {R"({"dependency": "auth", "cut": true, "from": "1s", "until": "2s"})", ".until", "happens once"},
        {R"({"dependency": "auth", "cut": true, "during": "start"})", ".during", "happens once"},
        {R"({"dependency": "auth", "refuse": true, "connections": 3})", ".connections", "two numbers"},
        {R"({"dependency": "auth", "refuse": true, "connections": [3]})", ".connections", "two numbers"},
        {R"({"dependency": "auth", "refuse": true, "connections": [5, 3]})", ".connections", "is behind"},
        {R"({"dependency": "auth", "refuse": true, "connections": [-1, 3]})", ".connections[0]", "found -1"},
        {R"({"dependency": "auth", "hang": true, "users": "30%"})", ".users", "unknown field"},
        {R"({"dependency": "auth", "at": "connect", "delay": "1ms"})", ".at", "unknown field"},
    }));
    CAPTURE(row.text);
    const auto loaded = with_faults(R"({"at": "connect", "delay": "1ms"}, )" + row.text);
    CAPTURE(loaded.problems);
    REQUIRE(loaded.problems.size() == 1);
    CHECK(loaded.problems[0].path == "$.faults[1]" + row.path);
    CHECK_THAT(loaded.problems[0].message, Catch::Contains(row.message));
}

TEST_CASE("Only a server that the harness starts has dependencies", "[scenario]")
{
    const std::string faults = R"("faults": [{"dependency": "auth", "hang": true}])";
    const auto remote = parse_patched(R"({"target": {"url": "ws://localhost/ws"}, )" + faults + "}");
    REQUIRE(remote.problems.size() == 1);
    CHECK_THAT(remote.problems[0].message, Catch::Contains("the target is a URL"));
    const auto later = parse_patched("{" + faults + "}");
    REQUIRE(later.problems.size() == 1);
    CHECK_THAT(later.problems[0].message, Catch::Contains("declares none"));
}

TEST_CASE("A dependency that cannot be proxied is a mistake", "[scenario]")
{
    const Row row = GENERATE(values<Row>({
        {R"([{"name": "auth", "upstream": "localhost"}])", "[0].upstream", "HOST:PORT"},
        {R"([{"name": "auth", "upstream": "localhost:"}])", "[0].upstream", "HOST:PORT"},
        {R"([{"name": "auth", "upstream": ":5432"}])", "[0].upstream", "HOST:PORT"},
        {R"([{"name": "auth", "upstream": "localhost:70000"}])", "[0].upstream", "HOST:PORT"},
        {R"([{"name": "auth", "upstream": "tcp://localhost:5432"}])", "[0].upstream", "HOST:PORT"},
        {R"([{"name": "auth", "upstream": "a:1", "port": 5}])", "[0].port", "unknown field"},
        {R"([{"name": "auth", "upstream": "a:1"}, {"name": "auth", "upstream": "b:1"}])", "[1].name",
         "two dependencies"},
        {R"([{"name": "auth", "upstream": "a:1"}, {"upstream": "b:1"}])", "[1]", "\"name\" is missing"},
        {R"([{"name": "auth", "upstream": "a:1"}, {"name": "store", "upstream": "b:1"}])", "[1]",
         "no {dependency.store} in the command or the environment"},
        {R"([{"name": "auth"}])", "[0]", "no {upstream.auth} in the command or the environment"},
        {R"({"auth": "a:1"})", "", "expected a list of dependencies"},
    }));
    CAPTURE(row.text);
    const auto loaded = with_server(R"("dependencies": )" + row.text);
    CAPTURE(loaded.problems);
    REQUIRE(!loaded.problems.empty());
    CHECK(loaded.problems[0].path == "$.target.server.dependencies" + row.path);
    CHECK_THAT(loaded.problems[0].message, Catch::Contains(row.message));
}

TEST_CASE("A placeholder names a dependency that there is", "[scenario]")
{
    const Row row = GENERATE(values<Row>({
        {"{dependency.auht}", "X", "unknown dependency \"auht\" (known: auth); did you mean \"auth\"?"},
        {"{upstream.auth}", "X", "\"auth\" has the upstream a:1"},
        {"{upstream.store}", "X", "unknown dependency \"store\""},
        {"tcp://{dependancy.auth}/", "X", "did you mean \"dependency\"?"},
        {"{dependency}", "X", "unknown placeholder \"dependency\""},
    }));
    CAPTURE(row.text);
    const auto loaded = with_server(R"("environment": {"X": ")" + row.text +
                                    R"("}, "dependencies": [{"name": "auth", "upstream": "a:1"}])");
    CAPTURE(loaded.problems);
    REQUIRE(loaded.problems.size() == 1);
    CHECK(loaded.problems[0].path == "$.target.server.environment." + row.path);
    CHECK_THAT(loaded.problems[0].message, Catch::Contains(row.message));

    const auto undeclared = with_server(R"("environment": {})");
    REQUIRE(undeclared.problems.size() == 1);
    CHECK(undeclared.problems[0].path == "$.target.server.command[2]");
    CHECK_THAT(undeclared.problems[0].message,
               Catch::Contains("no dependency \"auth\": target.server.dependencies declares none"));
}

TEST_CASE("Other braces are ordinary text", "[scenario]")
{
    const auto loaded = with_server(R"("environment": {"X": "{a.b} {{dependency.} {.x} {dependency.auth}"},
                       "dependencies": [{"name": "auth", "upstream": "[::1]:5432"}])");
    CAPTURE(loaded.problems);
    CHECK(loaded.scenario);
}
