#include "plan/plan_reader.hpp"

#include "plan/generated_plans.hpp"
#include "support/source_folder.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fstream>

using namespace wsrace;
using nlohmann::json;

namespace {

std::string texts(const std::vector<Problem>& problems)
{
    std::string out;
    for (const auto& problem : problems) out += to_string(problem) + "\n";
    return out;
}

void check_round_trip(const Plan& plan, const Scenario& scenario)
{
    const auto text = plan_json(plan);
    const auto loaded = parse_plan(text, "plan.json", scenario);
    CAPTURE(scenario.name, texts(loaded.problems));
    REQUIRE(loaded.plan);
    CHECK(plan_json(*loaded.plan) == text);
    CHECK(loaded.plan->request_count() == plan.request_count());
    CHECK(loaded.plan->connection_count() == plan.connection_count());
    CHECK(loaded.plan->connections == plan.connections);
}

// What is wrong with a right plan once `patch` has been applied to it (RFC 6902).
std::string mistakes_after(const std::string& patch)
{
    static const auto scenario = every_fault_scenario();
    static const auto right = [] {
        auto ordinary = scenario;
        ordinary.behaviours.clear();
        return json::parse(plan_json(make_plan(ordinary, 1)));
    }();
    const auto loaded = parse_plan(right.patch(json::parse(patch)).dump(), "plan.json", scenario);
    CHECK_FALSE(loaded.plan);
    return texts(loaded.problems);
}

using Catch::Matchers::Contains;

} // namespace

TEST_CASE("A plan that was written is read back as it was, of every shipped scenario", "[plan]")
{
    for (const auto& scenario : shipped_scenarios())
        for (const std::uint64_t seed : {0ULL, 1ULL, ~0ULL})
            check_round_trip(make_plan(scenario, seed), scenario);
}

TEST_CASE("A plan with all that there is, and with users whose numbers have gaps, is read back as it was",
          "[plan]")
{
    const auto scenario = every_fault_scenario();
    for (std::uint64_t seed = 0; seed < 40; ++seed) check_round_trip(generated_plan(seed), scenario);
}

TEST_CASE("A plan of thousands of users is read back as it was", "[plan]")
{
    auto scenario = every_fault_scenario();
    scenario.users = 2'000;
    scenario.arrival.pattern = Arrival::Pattern::all_at_once;
    check_round_trip(make_plan(scenario, 1), scenario);
}

TEST_CASE("A plan belongs to one scenario", "[plan]")
{
    auto scenario = every_fault_scenario();
    const auto text = plan_json(make_plan(scenario, 1));
    scenario.digest = "another";
    const auto loaded = parse_plan(text, "plan.json", scenario);
    CHECK_FALSE(loaded.plan);
    REQUIRE(loaded.problems.size() == 1);
    CHECK(loaded.problems[0].path == "$.scenario_digest");
    CHECK_THAT(loaded.problems[0].message, Contains("made from another scenario than every_fault.json"));
}

TEST_CASE("Plans of another format are told apart from wrong ones", "[plan]")
{
    CHECK_THAT(mistakes_after(R"([{"op": "replace", "path": "/format_version", "value": 3}])"),
               Contains("plan.json: $.format_version: this plan has format 3") && Contains("newer"));
    CHECK_THAT(mistakes_after(R"([{"op": "replace", "path": "/format_version", "value": 1}])"),
               Contains("make it again from its scenario and seed"));
    CHECK_THAT(mistakes_after(R"([{"op": "remove", "path": "/format_version"}])"), Contains("is missing"));
}

TEST_CASE("All mistakes of a plan are told at once, each with its place", "[plan]")
{
    const auto text = mistakes_after(R"([
        {"op": "replace", "path": "/journeys/0/3/action", "value": "reqest"},
        {"op": "replace", "path": "/life_cycle/0/instance", "value": 2},
        {"op": "replace", "path": "/dependency_faults/0/dependency", "value": "aut"},
        {"op": "add", "path": "/journeys/0/1/connect/abort", "value": {"after": "none", "by": "fin"}},
        {"op": "add", "path": "/link_faults/0/from_us", "value": -1},
        {"op": "replace", "path": "/ingress/forwarded_for", "value": 7},
        {"op": "add", "path": "/colour", "value": "green"}])");
    CHECK_THAT(text, Contains("$.journeys[0][3].action: unknown step \"reqest\"") &&
                         Contains("did you mean \"request\"?"));
    CHECK_THAT(text, Contains("$.life_cycle[0].instance: there is no instance 2"));
    CHECK_THAT(text, Contains("$.dependency_faults[0].dependency: unknown dependency \"aut\""));
    CHECK_THAT(text, Contains("$.journeys[0][1].connect.abort.after: nothing would be given up"));
    CHECK_THAT(text, Contains("$.link_faults[0].from_us: expected a whole number of microseconds"));
    CHECK_THAT(text, Contains("$.ingress.forwarded_for: expected"));
    CHECK_THAT(text, Contains("$.colour: unknown field \"colour\""));
}

TEST_CASE("Who takes part, and when, must fit together", "[plan]")
{
    const auto text = mistakes_after(R"([
        {"op": "replace", "path": "/users/3/user", "value": 1},
        {"op": "replace", "path": "/users/4/carrier", "value": "pigeon"},
        {"op": "add", "path": "/users/5/role", "value": 99},
        {"op": "replace", "path": "/users/6/arrival_us", "value": 300000000},
        {"op": "replace", "path": "/users/7/delays_us", "value": [[9, 0, 1]]},
        {"op": "replace", "path": "/users/8/delays_us", "value": [[0, 99, 1]]},
        {"op": "replace", "path": "/users/9/delays_us", "value": [[0, 0, 1, "tls"]]},
        {"op": "replace", "path": "/users/10/delays_us", "value": [[0, 1, 1], [0, 0, 1]]},
        {"op": "replace", "path": "/users/11/delays_us", "value": [[0, 0, 1, "there"], [0, 1], 7]}])");
    CHECK_THAT(text, Contains("$.users[3]: user 1 comes behind user 2"));
    CHECK_THAT(text, Contains("$.users[4].carrier: unknown carrier \"pigeon\""));
    CHECK_THAT(text, Contains("$.users[5].role: expected a whole number from 0 to"));
    CHECK_THAT(text, Contains("$.users[6].arrival_us: the user arrives after the deadline"));
    CHECK_THAT(text, Contains("$.users[7].delays_us[0]: the user has no connection 9"));
    CHECK_THAT(text, Contains("$.users[8].delays_us[0]: the journey of connection 0 has no step 99"));
    CHECK_THAT(text, Contains("$.users[9].delays_us[0]: step 0 is not a connect"));
    CHECK_THAT(text, Contains("$.users[10].delays_us[1]: delays stand in the order"));
    CHECK_THAT(text, Contains("$.users[11].delays_us[0][3]: unknown place inside of a connect \"there\""));
    CHECK_THAT(text, Contains("$.users[11].delays_us[1]: expected a delay"));
    CHECK_THAT(text, Contains("$.users[11].delays_us[2]: expected a delay"));
}

TEST_CASE("Gates and constraints of a plan name moments that there are", "[plan]")
{
    const auto text = mistakes_after(R"([
        {"op": "replace", "path": "/constraints", "value": [
          {"constraint": 0, "step": [77, 0, 0], "at": "login", "after": [0, 0, 3], "after_at": "event:3",
            "gap_us": 0,
           "within_us": 1, "tolerance_us": 1},
          {"constraint": 0, "step": [0, 0, 0], "at": "close", "after": [0, 0, 99], "after_at": "close",
            "gap_us": 0,
           "within_us": 1, "tolerance_us": 1},
          {"constraint": 0, "step": [0, 1, 2], "at": "request", "after": [0, 5, 0], "after_at": "login",
            "gap_us": 0,
           "within_us": 1, "tolerance_us": 1}]},
        {"op": "replace", "path": "/gates", "value": [
          {"gate": 0, "group": 0, "at": "event:3", "within_us": 1, "tolerance_us": 1, "members": [[0, 0, 0]]},
          {"gate": 0, "group": 0, "at": "login", "within_us": 1, "tolerance_us": 1,
           "members": [[0, 0, 0], [0, 0, 0]]}]}])");
    CHECK_THAT(text, Contains("$.constraints[0].step: there is no user 77 in this plan"));
    CHECK_THAT(text, Contains("$.constraints[1].step: step 0 of connection 0 of user 0 is \"login\""));
    CHECK_THAT(text,
               Contains("$.constraints[1].after: the journey of connection 0 of user 0 has no step 99"));
    CHECK_THAT(text, Contains("$.constraints[2].after: user 0 has no connection 5"));
    CHECK_THAT(text, Contains("$.gates[0].at: unknown step \"event:3\""));
    CHECK_THAT(text, Contains("$.gates[0].members: a gate has two members at least"));
    CHECK_THAT(text, Contains("$.gates[1].members[1]: this step waits at a gate already"));
}

TEST_CASE("Waits of a plan that can never end are a mistake", "[plan]")
{
    const auto text = mistakes_after(R"([
        {"op": "remove", "path": "/gates"},
        {"op": "replace", "path": "/constraints", "value": [
          {"constraint": 0, "step": [0, 0, 1], "at": "connect", "after": [1, 0, 11], "after_at": "close",
            "gap_us": 0,
           "within_us": 1, "tolerance_us": 1},
          {"constraint": 1, "step": [1, 0, 1], "at": "connect", "after": [0, 0, 11], "after_at": "close",
            "gap_us": 0,
           "within_us": 1, "tolerance_us": 1}]}])");
    CHECK_THAT(text, Contains("can never be kept"));
}

TEST_CASE("A plan of a target that is not supervised has no faults of a server", "[plan]")
{
    auto scenario = every_fault_scenario();
    const auto text = plan_json(make_plan(scenario, 1));
    scenario.target = {};
    scenario.target.url = "ws://127.0.0.1:1";
    const auto told = texts(parse_plan(text, "plan.json", scenario).problems);
    CHECK_THAT(told, Contains("$.life_cycle[0]: the scenario's target is not one that the harness starts") &&
                         Contains("$.anchor: only a server") &&
                         Contains("$.ingress: the scenario has no ingress") &&
                         Contains("$.dependency_faults[0]: the scenario declares no dependencies"));
}

TEST_CASE("A plan is loaded with the scenario beside it", "[plan]")
{
    const TemporaryFolder folder;
    const auto write = [&](const char* name, const std::string& text) {
        std::ofstream{folder.path() / name, std::ios::binary} << text;
    };
    const auto scenario = every_fault_scenario();
    write("plan.json", plan_json(make_plan(scenario, 5)));
    CHECK_THAT(texts(load_plan(folder.path() / "plan.json").problems), Contains("no scenario.json beside"));
    write("scenario.json", scenario.canonical);
    for (const auto& path : {folder.path(), folder.path() / "plan.json"}) {
        const auto loaded = load_plan(path);
        CAPTURE(texts(loaded.problems));
        REQUIRE(loaded.plan);
        CHECK(loaded.plan->seed == 5);
        CHECK(loaded.scenario->digest == scenario.digest);
    }
    CHECK_THAT(texts(load_plan(folder.path() / "none.json").problems), Contains("there is no such file"));
}

TEST_CASE("The example of the format's description is a plan", "[plan]")
{
    std::ifstream stream(source_folder() / "docs/plan_format.md");
    std::string document{std::istreambuf_iterator<char>(stream), {}};
    const std::string begin = "```json plan\n";
    const auto from = document.find(begin);
    REQUIRE(from != std::string::npos);
    auto text = document.substr(from + begin.size());
    text.resize(text.find("```"));
    const auto scenario = load_scenario("golden_path");
    REQUIRE(scenario.scenario);
    text.replace(text.find("DIGEST"), 6, scenario.scenario->digest);
    const auto loaded = parse_plan(text, "plan_format.md", *scenario.scenario);
    CAPTURE(texts(loaded.problems));
    REQUIRE(loaded.plan);
    CHECK(loaded.plan->users.size() == 3);
    CHECK(json::parse(plan_json(*loaded.plan)) == json::parse(text)); // nothing in it is passed over
}
