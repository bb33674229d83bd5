#include "scenario/explain.hpp"

#include "scenario/reading.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;

TEST_CASE("The explanation names users, arrival, journey, faults, checks and limits", "[scenario]")
{
    const auto loaded = parse_patched(R"({
        "description": "Two users say hello.",
        "target": {"server": {"command": ["serve", "{port}"], "ready": "port_open"}},
        "users": {"count": 2, "connections": 2, "arrival": {"pattern": "ramp", "over": "1s", "after": "server.port_open"}},
        "journey": ["login", "connect", {"repeat": {"times": 20, "steps": ["ping"]}},
                    {"pause": {"uniform": ["1ms", "9ms"]}}, {"request": {"text": "hi {canary}", "thread": "t"}}, {"close": 3000}],
        "faults": [{"at": "connect", "delay": "20ms", "users": "30%"}],
        "checks": {"baseline": {"off": "shared machine"}},
        "thresholds": {"golden_path": false}})");
    CAPTURE(loaded.problems);
    REQUIRE(loaded.scenario);
    const std::string text = explain(*loaded.scenario);
    CAPTURE(text);
    for (const char* part :
         {"Two users say hello.", "started here: serve {port}; ready when its port is open",
          "2 users with 2 connections each", "evenly over 1 s, from when its port is open",
          "login -> connect -> ping x 20 -> pause 1 ms to 9 ms -> request \"hi {canary}\" in thread \"t\" -> "
          "close 3000",
          "20 ms before connect, for 30 % of the users", "baseline (shared machine)",
          "forbidden close codes: 1011", "ping 2 s", "failed golden paths: not judged",
          "failed connections: warning above 1 %, critical above 5 %"})
        CHECK_THAT(text, Catch::Contains(part));
}

TEST_CASE("Every shipped scenario can be explained", "[scenario]")
{
    for (const auto& entry : std::filesystem::directory_iterator(source_folder() / "scenarios")) {
        if (entry.path().extension() != ".json") continue;
        CAPTURE(entry.path());
        const auto loaded = load_scenario(entry.path());
        REQUIRE(loaded.scenario);
        CHECK_THAT(explain(*loaded.scenario), Catch::StartsWith(loaded.scenario->name + "\n"));
    }
}
