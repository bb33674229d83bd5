#include "scenario/reading.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;

namespace {

// One mistake, made by merging `patch` into a scenario that is right.
struct Row {
    std::string patch;
    std::string path;
    std::string message;
};

void check_row(const Row& row)
{
    CAPTURE(row.patch);
    const auto loaded = parse_patched(row.patch);
    CHECK_FALSE(loaded.scenario);
    CAPTURE(loaded.problems);
    REQUIRE(loaded.problems.size() == 1);
    CHECK(loaded.problems[0].file == "test.json");
    CHECK(loaded.problems[0].path == row.path);
    CHECK_THAT(loaded.problems[0].message, Catch::Contains(row.message));
}

} // namespace

TEST_CASE("A scenario that is right has no problems", "[scenario]")
{
    const auto loaded = parse_patched("{}");
    CAPTURE(loaded.problems);
    CHECK(loaded.problems.empty());
    CHECK(loaded.scenario);
}

TEST_CASE("Unknown fields are mistakes with a suggestion", "[scenario]")
{
    check_row(GENERATE(values<Row>({
        {R"({"user": {}})", "$.user", "did you mean \"users\"?"},
        {R"({"users": {"counts": 3}})", "$.users.counts", "did you mean \"count\"?"},
        {R"({"users": {"arrival": {"patern": "ramp"}}})", "$.users.arrival.patern",
         "did you mean \"pattern\"?"},
        {R"({"target": {"uri": "ws://x"}})", "$.target.uri", "did you mean \"url\"?"},
        {R"({"target": {"server": {"command": ["a", "{port}"], "comand": 1}}})", "$.target.server.comand",
         "command"},
        {R"({"target": {"tls": {"verfy": false}}})", "$.target.tls.verfy", "verify"},
        {R"({"deadlines": {"pong": "1s"}})", "$.deadlines.pong", "known: baseline, close, connect"},
        {R"({"checks": {"isolations": true}})", "$.checks.isolations", "did you mean \"isolation\"?"},
        {R"({"checks": {"baseline": {"socket": 1}}})", "$.checks.baseline.socket",
         "did you mean \"sockets\"?"},
        {R"({"checks": {"five_events": {"allow": true}}})", "$.checks.five_events.allow",
         "allow_failed_runs"},
        {R"({"checks": {"baseline": {"threads": -1}}})", "$.checks.baseline.threads", "found -1"},
        {R"({"checks": {"routing": {"polcy": "starter"}}})", "$.checks.routing.polcy", "policy"},
        {R"({"checks": {"isolation": {"forbid": [1000]}}})", "$.checks.isolation.forbid",
         "known: off, required"},
        {R"({"thresholds": {"p95": "1s"}})", "$.thresholds.p95", "event_latency_p95"},
        {R"({"events": {"interval": "1ms", "count": 5}})", "$.events.count", "unknown field"},
        {R"({"profile": {"extends": "netra", "carier": "query"}})", "$.profile.carier",
         "did you mean \"carrier\"?"},
    })));
}

TEST_CASE("Wrong values for users, deadlines and events are mistakes that say what was found", "[scenario]")
{
    check_row(GENERATE(values<Row>({
        {R"({"name": null})", "$", "\"name\" is missing"},
        {R"({"name": ""})", "$.name", "not empty, found \"\""},
        {R"({"name": 7})", "$.name", "found 7"},
        {R"({"users": 20})", "$.users", "an object that describes the users, found 20"},
        {R"({"users": {"count": 0}})", "$.users.count", "from 1 to 1000000, found 0"},
        {R"({"users": {"count": -1}})", "$.users.count", "found -1"},
        {R"({"users": {"count": 3.9}})", "$.users.count", "found 3.9"},
        {R"({"users": {"count": "20"}})", "$.users.count", "found \"20\""},
        {R"({"users": {"count": 4294967297}})", "$.users.count", "found 4294967297"},
        {R"({"users": {"connections": 65}})", "$.users.connections", "from 1 to 64"},
        {R"({"users": {"retry_refused": "yes"}})", "$.users.retry_refused", "true or false"},
        {R"({"users": {"carrier": "cookie"}})", "$.users.carrier", "unknown token carrier \"cookie\""},
        {R"({"users": {"carriers": []}})", "$.users.carriers", "at least one"},
        {R"({"users": {"carriers": ["query", "qery"]}})", "$.users.carriers[1]", "did you mean \"query\"?"},
        {R"({"users": {"arrival": {"pattern": "ramb", "over": "1s"}}})", "$.users.arrival.pattern",
         "did you mean \"ramp\"?"},
        {R"({"users": {"arrival": {"after": "server"}}})", "$.users.arrival.after", "server.ready"},
        {R"({"users": {"arrival": {"pattern": "ramp", "over": 10}}})", "$.users.arrival.over", "a duration"},
        {R"({"users": {"arrival": {"pattern": "ramp", "over": "0s"}}})", "$.users.arrival.over",
         "above zero"},
        {R"({"users": {"arrival": {"pattern": "poisson", "rate": 0}}})", "$.users.arrival.rate",
         "a number from"},
        {R"({"deadlines": {"ping": "250"}})", "$.deadlines.ping", "a duration such as"},
        {R"({"deadlines": {"total": "1001h"}})", "$.deadlines.total", "at most \"1000h\", found \"1001h\""},
        {R"({"deadlines": {"ping": "-1s"}})", "$.deadlines.ping", "found \"-1s\""},
        {R"({"deadlines": {"ping": "0ms"}})", "$.deadlines.ping", "above zero"},
        {R"({"events": {"interval": 5}})", "$.events.interval", "a duration"},
        {R"({"events": {}})", "$.events", "\"interval\" is missing"},
    })));
}

TEST_CASE("Wrong values for target, checks, thresholds and profile are mistakes, too", "[scenario]")
{
    check_row(GENERATE(values<Row>({
        {R"({"target": {"url": ""}})", "$.target.url", "not empty"},
        {R"({"target": {"url": "localhost:8000"}})", "$.target.url", "ws"},
        {R"({"target": {"url": "http://localhost/ws"}})", "$.target.url",
         "did you mean \"ws://localhost/ws\"?"},
        {R"({"target": {"url": "https://localhost/ws"}})", "$.target.url",
         "did you mean \"wss://localhost/ws\"?"},
        {R"({"target": {"url": "ws:///ws"}})", "$.target.url", "no host"},
        {R"({"target": {"url": "ws://localhost/ws#x"}})", "$.target.url", "fragment"},
        {R"({"target": {"server": {}}})", "$.target.server", "\"command\" is missing"},
        {R"({"target": {"server": {"command": "wsrace serve"}}})", "$.target.server.command",
         "a list of words"},
        {R"({"target": {"server": {"command": []}}})", "$.target.server.command",
         "the program; it is missing"},
        {R"({"target": {"server": {"command": ["a", 8000, "{port}"]}}})", "$.target.server.command[1]",
         "found 8000"},
        {R"({"target": {"server": {"command": ["a", "{port}", "{ports}"]}}})", "$.target.server.command[2]",
         "did you mean \"port\"?"},
        {R"({"target": {"server": {"command": ["a", "{port}"], "ready": "https"}}})", "$.target.server.ready",
         "did you mean \"http\"?"},
        {R"({"target": {"server": {"command": ["a", "{port}"], "ready": {"http": "health"}}}})",
         "$.target.server.ready.http", "begins with /"},
        {R"({"target": {"server": {"command": ["a", "{port}"], "environment": {"A": 1}}}})",
         "$.target.server.environment.A", "a string"},
        {R"({"checks": {"isolation": "yes"}})", "$.checks.isolation", "found \"yes\""},
        {R"({"checks": {"isolation": {"off": ""}}})", "$.checks.isolation.off", "not empty"},
        {R"({"checks": {"close_codes": {"forbid": [1011, 99]}}})", "$.checks.close_codes.forbid[1]",
         "1000 to 4999"},
        {R"({"checks": {"server_log": {"patterns": ["ok", "(open"]}}})", "$.checks.server_log.patterns[1]",
         "regular expression"},
        {R"({"thresholds": {"connection_success": 99}})", "$.thresholds.connection_success",
         "from 0 to 1, found 99"},
        {R"({"thresholds": {"golden_path": {}}})", "$.thresholds.golden_path", "expected a level"},
        {R"({"thresholds": {"event_latency_p95": 100}})", "$.thresholds.event_latency_p95", "a duration"},
        {R"({"thresholds": {"events_missing_per_hour": -1}})", "$.thresholds.events_missing_per_hour",
         "at least 0"},
        {R"({"profile": 1})", "$.profile", "its name, its file"},
        {R"({"profile": "nertra"})", "$.profile", "did you mean \"netra\"?"},
        {R"({"profile": {"extends": "nertra"}})", "$.profile.extends", "did you mean \"netra\"?"},
        {R"({"profile": "missing/netra.json"})", "$.profile", "unknown profile"},
    })));
}

TEST_CASE("Combinations that cannot be are mistakes", "[scenario]")
{
    check_row(GENERATE(values<Row>({
        {R"({"target": {"url": "ws://x/ws", "server": {"command": ["a", "{port}"]}}})", "$.target",
         "exclude each other"},
        {R"({"target": {"server": {"command": ["a", "8000"]}}})", "$.target.server.command", "no {port}"},
        {R"({"target": {"url": "ws://x/ws", "tls": {"verify": false}}})", "$.target.tls", "there is no TLS"},
        {R"({"target": {"tls": {"verify": false, "ca_file": "ca.pem"}}})", "$.target.tls", "of no use"},
        {R"({"target": {"url": "ws://me:secret@x/ws"}})", "$.target.url", "from the environment"},
        {R"({"target": {"url": "ws://x/ws?token=abc"}})", "$.target.url", "from the environment"},
        {R"({"target": {"url": "ws://x/ws"}, "users": {"arrival": {"after": "server.spawn"}}})",
         "$.users.arrival.after", "does not start this target"},
        {R"({"target": {"url": "ws://x/ws"}, "checks": {"server_log": true}})", "$.checks.server_log",
         "never sees"},
        {R"({"target": {"url": "ws://x/ws"}, "checks": {"sanitizer": {"required": true}}})",
         "$.checks.sanitizer", "never sees"},
        {R"({"users": {"arrival": {"pattern": "ramp"}}})", "$.users.arrival", "needs \"over\""},
        {R"({"users": {"arrival": {"pattern": "poisson"}}})", "$.users.arrival", "needs \"rate\""},
        {R"({"users": {"arrival": {"pattern": "constant"}}})", "$.users.arrival", "needs \"rate\""},
        {R"({"users": {"arrival": {"pattern": "burst", "over": "1s"}}})", "$.users.arrival",
         "does not look at it"},
        {R"({"users": {"arrival": {"pattern": "ramp", "over": "1s", "rate": 1}}})", "$.users.arrival",
         "does not look at it"},
        {R"({"users": {"arrival": {"pattern": "ramp", "over": "5m"}}})", "$.users.arrival.over",
         "after the deadline"},
        {R"({"users": {"count": 600, "arrival": {"pattern": "constant", "rate": 2}}})",
         "$.users.arrival.rate", "after the deadline"},
        {R"({"users": {"carrier": "query", "carriers": ["ticket"]}})", "$.users", "exclude each other"},
        {R"({"profile": {"extends": "netra", "login": {"kind": "none"}, "carrier": "none"},
             "users": {"carrier": "ticket"}})",
         "$.users.carrier", "has no login"},
        {R"({"profile": {"extends": "netra", "login": {"kind": "none"}}})", "$.profile", "there is no login"},
        {R"({"deadlines": {"first_event": "40s"}})", "$.deadlines.first_event",
         "longer than the deadline \"run\""},
        {R"({"deadlines": {"run": "10m"}})", "$.deadlines.run", "longer than the deadline \"total\""},
        {R"({"checks": {"close_codes": {"forbid": [1001], "expect": [1001]}}})",
         "$.checks.close_codes.expect", "forbidden and expected"},
        {R"({"checks": {"isolation": {"off": "why", "required": true}}})", "$.checks.isolation",
         "exclude each other"},
        {R"({"thresholds": {"golden_path": {"warning": 0.9, "critical": 0.95}}})", "$.thresholds.golden_path",
         "below"},
        {R"({"thresholds": {"events_missing_per_hour": {"warning": 9, "critical": 5}}})",
         "$.thresholds.events_missing_per_hour", "above"},
        {R"({"thresholds": {"event_latency_p95": "1s"}})", "$.thresholds", "500 ms, the default"},
    })));
}

TEST_CASE("All mistakes of a scenario are reported at once", "[scenario]")
{
    const auto loaded = parse_patched(R"({
        "users": {"count": 0, "arival": {}},
        "journey": ["connect", {"request": {"text": "hello"}}, "pnig"],
        "deadlines": {"run": 5},
        "checks": {"isolaton": true},
        "extra": 1})");
    std::vector<std::string> paths;
    for (const Problem& problem : loaded.problems) paths.push_back(problem.path);
    CHECK_THAT(paths, Catch::UnorderedEquals<std::string>(
                          {"$.users.count", "$.users.arival", "$.journey[1].request.text", "$.journey[2]",
                           "$.deadlines.run", "$.checks.isolaton", "$.extra"}));
}

TEST_CASE("A document that is no object, and a file that is not there, are problems, too", "[scenario]")
{
    CHECK(parse_scenario("[]", "list.json", ".").problems.at(0).message ==
          "expected an object that describes a scenario, found an empty list");
    const auto missing = load_scenario("golden_pat");
    REQUIRE(missing.problems.size() == 1);
    CHECK_THAT(to_string(missing.problems[0]),
               Catch::Contains("no such file") && Catch::Contains("\"golden_path\"?"));
    CHECK(load_scenario("nowhere/x.json").problems.size() == 1);
    CHECK(load_scenario(source_folder()).problems.size() == 1);
}
