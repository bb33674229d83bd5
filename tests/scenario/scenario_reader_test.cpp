#include "scenario/reading.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace std::chrono_literals;

namespace {

Scenario scenario_of(const std::string& patch, const ScenarioOverrides& overrides = {})
{
    auto loaded = parse_patched(patch, overrides);
    CAPTURE(loaded.problems);
    REQUIRE(loaded.scenario);
    return *loaded.scenario;
}

} // namespace

TEST_CASE("What a scenario leaves out has the documented default", "[scenario]")
{
    const auto scenario = scenario_of(R"({"users": null, "profile": null})");
    CHECK(scenario.users == 1);
    CHECK(scenario.connections == 1);
    CHECK(scenario.retry_refused);
    CHECK(scenario.profile.name == "netra");
    CHECK(scenario.carriers == std::vector{TokenCarrier::authorization});
    CHECK(scenario.arrival.pattern == Arrival::Pattern::all_at_once);
    CHECK_FALSE(scenario.target.server);
    CHECK(scenario.target.url.empty());
    CHECK_FALSE(scenario.expectations.server_output);
    CHECK(scenario.expectations.forbidden_close_codes == std::set{1011});
    CHECK(scenario.expectations.thresholds.connection_failures.warning == 0.01);
    CHECK(scenario.file == "test.json");
}

TEST_CASE("A server that the harness starts is read whole", "[scenario]")
{
    const auto scenario = scenario_of(R"({"target": {"server": {
        "command": ["python3", "app.py"], "environment": {"PORT": "{port}", "MODE": "test"},
        "working_directory": "srv",
        "ready": {"http": "/up"}, "ready_within": "30s", "stop_within": "2s"}},
        "users": {"arrival": {"pattern": "ramp", "over": "2s", "after": "server.port_open"},
        "retry_refused": false}})");
    const ServerSpec& server = *scenario.target.server;
    CHECK(server.command == std::vector<std::string>{"python3", "app.py"});
    CHECK(server.environment.size() == 2);
    CHECK(server.working_directory == "srv");
    CHECK(server.ready == ServerSpec::Ready::http);
    CHECK(server.ready_path == "/up");
    CHECK(server.ready_within == 30s);
    CHECK(server.stop_within == 2s);
    CHECK(scenario.expectations.server_output);
    CHECK(scenario.arrival.pattern == Arrival::Pattern::ramp);
    CHECK(scenario.arrival.over == 2s);
    CHECK(scenario.arrival.after == Arrival::Anchor::port_open);
    CHECK_FALSE(scenario.retry_refused);
}

TEST_CASE("Checks, deadlines and events become expectations", "[scenario]")
{
    const auto expectations = scenario_of(R"({
        "deadlines": {"ping": "250ms", "total": "90s"}, "events": {"interval": "5ms"},
        "checks": {"baseline": false, "schema": {"off": "the target adds fields"},
        "reconnect": {"required": false},
                   "close_codes": {"forbid": [1011, 1006], "expect": [1001], "required": false},
                   "routing": {"policy": "all_connections"}, "server_log": {"patterns": ["deadlock"]},
                   "isolation": true}})")
                                  .expectations;
    CHECK(expectations.deadlines.ping == 250ms);
    CHECK(expectations.deadlines.total == 90s);
    CHECK(expectations.deadlines.run == 30s);
    CHECK(expectations.event_interval == 5ms);
    CHECK_FALSE(expectations.checks.at("baseline").enabled);
    CHECK_FALSE(expectations.checks.at("baseline").reason.empty());
    CHECK(expectations.checks.at("schema").reason == "the target adds fields");
    CHECK(expectations.checks.at("reconnect").enabled);
    CHECK_FALSE(expectations.checks.at("reconnect").required);
    CHECK_FALSE(expectations.checks.at("close_codes").required);
    CHECK(expectations.checks.at("isolation").required);
    CHECK(expectations.forbidden_close_codes == std::set{1006, 1011});
    CHECK(expectations.expected_close_codes == std::set{1001});
    CHECK(expectations.routing == RoutingPolicy::all_connections);
    CHECK(expectations.log_patterns == std::vector<std::string>{"deadlock"});
}

TEST_CASE("Margins of the baseline, its deadline and allowed failures become expectations", "[scenario]")
{
    const auto expectations = scenario_of(R"({
        "deadlines": {"baseline": "2s"},
        "checks": {"baseline": {"sockets": 3, "threads": 2, "memory_share": 0.5, "memory_kib": 1000},
                   "five_events": {"allow_failed_runs": true}}})")
                                  .expectations;
    CHECK(expectations.deadlines.baseline == 2s);
    CHECK(expectations.baseline.sockets == 3);
    CHECK(expectations.baseline.threads == 2);
    CHECK(expectations.baseline.memory_share == Approx(0.5));
    CHECK(expectations.baseline.memory_kib == 1000);
    CHECK(expectations.failed_runs_allowed);
    CHECK(expectations.checks.at("baseline").enabled);
    const auto plain = scenario_of("{}").expectations;
    CHECK_FALSE(plain.failed_runs_allowed);
    CHECK(plain.baseline.sockets == 8);
}

TEST_CASE("Thresholds are written as success and kept as failures", "[scenario]")
{
    const auto thresholds = scenario_of(R"({"thresholds": {
        "connection_success": 0.99, "golden_path": {"warning": 0.95, "critical": 0.8},
        "event_latency_p95": "50ms", "event_latency_p99": false,
        "events_missing_per_hour": {"critical": 2}}})")
                                .expectations.thresholds;
    CHECK(thresholds.connection_failures.warning == Approx(0.01));
    CHECK(thresholds.connection_failures.critical == Approx(0.05));
    CHECK(thresholds.golden_path_failures.warning == Approx(0.05));
    CHECK(thresholds.golden_path_failures.critical == Approx(0.2));
    CHECK(thresholds.event_latency_p95 == 50ms);
    CHECK_FALSE(thresholds.event_latency_p99);
    CHECK_FALSE(thresholds.events_missing_per_hour.warning);
    CHECK(thresholds.events_missing_per_hour.critical == 2);
    const auto off = scenario_of(R"({"thresholds": {"golden_path": false}})").expectations.thresholds;
    CHECK_FALSE(off.golden_path_failures.critical);
    CHECK(off.connection_failures.critical == 0.05);
}

TEST_CASE("Carriers go round, and replace the profile's", "[scenario]")
{
    CHECK(scenario_of(R"({"users": {"carriers": ["query", "ticket"]}})").carriers ==
          std::vector{TokenCarrier::query, TokenCarrier::ticket});
    CHECK(scenario_of(R"({"users": {"carrier": "subprotocol"}})").carriers ==
          std::vector{TokenCarrier::subprotocol});
    CHECK(scenario_of(R"({"profile": {"extends": "netra", "carrier": "query"}})").carriers ==
          std::vector{TokenCarrier::query});
}

TEST_CASE("The digest names what was read: spelling does not matter, --set does", "[scenario]")
{
    const auto digest = [](const std::string& text, const ScenarioOverrides& overrides = {}) {
        return parse_scenario(text, "x", source_folder() / "scenarios", overrides).scenario->digest;
    };
    const auto original = digest(R"({"name": "a", "journey": ["login", "connect"]})");
    CHECK(original.size() == 64);
    CHECK(digest("{\n \"journey\": [\"login\",\"connect\"], \"name\": \"a\"}") == original);
    CHECK(digest(R"({"name": "b", "journey": ["login", "connect"]})") != original);
    CHECK(digest(R"({"name": "a", "journey": ["login", "connect"]})", {.set = {{"users.count", "2"}}}) !=
          original);
}

TEST_CASE("What is stored with a run can be read again without any other file", "[scenario]")
{
    const auto first = scenario_of(R"({"profile": {"extends": "netra_token",
        "types": {"done": "agent_completed"}}})");
    const auto again = parse_scenario(first.canonical, "stored", "/nowhere").scenario;
    REQUIRE(again);
    CHECK(again->digest == first.digest);
    CHECK(again->profile.name == "netra_token");
    CHECK(again->profile.login.kind == LoginKind::token);
    CHECK(again->profile.types == first.profile.types);
    CHECK(again->profile.type_pointers == first.profile.type_pointers);
    CHECK(nlohmann::json::parse(first.canonical).at("profile").contains("extends") == false);
}

TEST_CASE("The digest changes with the profile, wherever it is kept", "[scenario]")
{
    CHECK(scenario_of(R"({"profile": "netra"})").digest !=
          scenario_of(R"({"profile": "netra_token"})").digest);
    CHECK(scenario_of(R"({"profile": "netra"})").digest == scenario_of(R"({"profile": null})").digest);
}

TEST_CASE("--set changes values, makes missing objects and reaches into lists", "[scenario]")
{
    const auto scenario =
        scenario_of(R"({"faults": [{"at": "connect", "delay": "1ms"}]})",
                    {.set = {{"users.count", "20"},
                             {"name", "changed"},
                             {"deadlines.ping", "1s"},
                             {"$.faults[0].delay", "7ms"},
                             {"users.arrival", R"({"pattern": "constant", "rate": 2.5})"}}});
    CHECK(scenario.users == 20);
    CHECK(scenario.name == "changed");
    CHECK(scenario.expectations.deadlines.ping == 1s);
    CHECK(scenario.delays.at(0).delay.low == 7ms);
    CHECK(scenario.arrival.rate == 2.5);
}

TEST_CASE("--set with a path that leads nowhere is a mistake", "[scenario]")
{
    struct Row {
        std::string path;
        std::string place;
        std::string message;
    };
    const Row row = GENERATE(values<Row>({
        {"", "", "not a path"},
        {".users", ".users", "not a path"},
        {"users..count", "users..count", "not a path"},
        {"faults[x]", "faults[x]", "not a path"},
        {"faults[0", "faults[0", "not a path"},
        {"journey[99]", "journey[99]", "$.journey has 5 items"},
        {"users[0]", "users[0]", "$.users is not a list"},
        {"name.first", "name.first", "$.name is not an object"},
    }));
    const auto loaded = parse_patched("{}", {.set = {{row.path, "1"}}});
    CAPTURE(row.path, loaded.problems);
    REQUIRE(loaded.problems.size() == 1);
    CHECK(loaded.problems[0].file == "--set");
    CHECK(loaded.problems[0].path == row.place);
    CHECK_THAT(loaded.problems[0].message, Catch::Contains(row.message));
}

TEST_CASE("--set cannot smuggle in an unknown field", "[scenario]")
{
    const auto loaded = parse_patched("{}", {.set = {{"users.cuont", "3"}}});
    REQUIRE(loaded.problems.size() == 1);
    CHECK(loaded.problems[0].path == "$.users.cuont");
}
