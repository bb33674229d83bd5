#include "plan/plan.hpp"
#include "scenario/explain.hpp"
#include "scenario/reading.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace std::chrono_literals;

namespace {

struct Row {
    std::string ingress;
    std::string path; // behind that of the ingress
    std::string message;
};

LoadedScenario with_ingress(const std::string& ingress, int instances = 2)
{
    return parse_patched(R"({"target": {"server": {"command": ["serve", "{port}"], "instances": )" +
                         std::to_string(instances) + R"(, "ingress": )" + ingress + "}}}");
}

const std::string everything = R"({
    "queue": {"limit": 100}, "concurrency": 80,
    "idle_cut": {"after": "30s", "by": "reset"}, "request_limit": "60s",
    "strip_headers": ["Authorization", "Sec-WebSocket-Protocol"],
    "add_headers": {"X-Forwarded-Proto": "https"}, "forwarded_for": "per_user",
    "affinity": 0.9, "affinity_by": "authorization", "reroute_on_reconnect": true,
    "scale": [{"at": "4s", "remove": 2}, {"at": "2s", "add": 1}], "drain": "5s",
    "revisions": {"weight": 0.25, "command": ["serve", "--new", "{port}"], "instances": 3}})";

} // namespace

TEST_CASE("An ingress is read with all that it does", "[scenario][ingress]")
{
    const auto loaded = with_ingress(everything);
    CAPTURE(loaded.problems);
    REQUIRE(loaded.scenario);
    const auto& server = *loaded.scenario->target.server;
    REQUIRE(server.ingress);
    const auto& ingress = *server.ingress;
    CHECK(ingress.queue_limit == 100);
    CHECK(ingress.concurrency == 80);
    REQUIRE(ingress.idle_cut);
    CHECK((ingress.idle_cut->after == 30s && ingress.idle_cut->by_reset));
    REQUIRE(ingress.request_limit);
    CHECK((ingress.request_limit->after == 60s && !ingress.request_limit->by_reset));
    CHECK(ingress.strip_headers == std::vector<std::string>{"Authorization", "Sec-WebSocket-Protocol"});
    CHECK(ingress.add_headers.at(0).second == "https");
    CHECK(ingress.forwarded_for == ForwardedFor::per_user);
    CHECK(ingress.affinity == 0.9);
    CHECK(ingress.affinity_by == AffinityBy::authorization);
    CHECK(ingress.reroute_on_reconnect);
    REQUIRE(ingress.scale.size() == 2);
    CHECK((ingress.scale[0].at == 2s && ingress.scale[0].change == 1)); // in the order of time
    CHECK(ingress.scale[1].change == -2);
    CHECK(ingress.drain == 5s);
    REQUIRE(ingress.revisions);
    CHECK(ingress.revisions->weight == 0.25);
    CHECK(server.instances_at_start() == 5);
    CHECK(server.instances_in_all() == 6);
    for (std::uint16_t i = 0; i < 6; ++i) CHECK(server.is_other_revision(i) == (i >= 2 && i < 5));
}

TEST_CASE("An ingress that is not asked for anything spreads connections", "[scenario][ingress]")
{
    const auto loaded = with_ingress("{}");
    REQUIRE(loaded.scenario);
    const auto& ingress = *loaded.scenario->target.server->ingress;
    CHECK_FALSE(ingress.queue_limit);
    CHECK(ingress.affinity == 0);
    CHECK(ingress.drain == 10s);
    CHECK_THAT(explain(*loaded.scenario), Catch::Contains("spreads connections over the instances"));
    CHECK_FALSE(parse_patched("{}").scenario->target.server);
}

TEST_CASE("Mistakes in an ingress are found at their place", "[scenario][ingress]")
{
    const auto row = GENERATE(values<Row>({
        {R"({"queu": {"limit": 1}})", ".queu", "did you mean \"queue\"?"},
        {R"({"queue": {}})", ".queue", "\"limit\" is missing"},
        {R"({"queue": {"limit": 0}})", ".queue.limit", "1"},
        {R"({"concurrency": 1.5})", ".concurrency", "1.5"},
        {R"({"idle_cut": "0s"})", ".idle_cut", "0s"},
        {R"({"idle_cut": 30})", ".idle_cut", "30"},
        {R"({"request_limit": {"by": "fin"}})", ".request_limit", "\"after\" is missing"},
        {R"({"request_limit": {"after": "1s", "by": "rst"}})", ".request_limit.by", "reset"},
        {R"({"strip_headers": ["Bad Name"]})", ".strip_headers[0]", "not the name of a header"},
        {R"({"add_headers": {"X:": "1"}})", ".add_headers[\"X:\"]", "not the name of a header"},
        {R"({"add_headers": {"X": "1\r\nY: 2"}})", ".add_headers.X", "a header has one line"},
        {R"({"forwarded_for": "user"})", ".forwarded_for", "\"per_user\""},
        {R"({"affinity": 1.1})", ".affinity", "1.1"},
        {R"({"affinity_by": "cookie"})", ".affinity_by", "say how often"},
        {R"({"affinity": 1, "affinity_by": "cookies"})", ".affinity_by", "did you mean \"cookie\"?"},
        {R"({"scale": [{"at": "1s"}]})", ".scale[0]", "expected one of \"add\" and \"remove\""},
        {R"({"scale": [{"at": "1s", "add": 1, "remove": 1}]})", ".scale[0]", "expected one of"},
        {R"({"scale": [{"add": 1}]})", ".scale[0]", "\"at\" is missing"},
        {R"({"scale": [{"at": "2s", "add": 1}, {"at": "1s", "remove": 2}]})", ".scale", "at 1 s no instance"},
        {R"({"scale": [{"at": "1s", "add": 63}]})", "", "65 instances in all; at most 64"},
        {R"({"drain": "5s"})", ".drain", "\"scale\" removes none"},
        {R"({"revisions": {"weight": 0.5}})", ".revisions", "\"command\" is missing"},
        {R"({"revisions": {"weight": 0.5, "command": []}})", ".revisions.command", "it is missing"},
        {R"({"revisions": {"weight": 0.5, "command": ["a", "{prt}"]}})", ".revisions.command[1]",
         "did you mean \"port\"?"},
        {R"({"revisions": {"weight": 0.5, "command": ["a", "{dependency.x}"]}})", ".revisions.command[1]",
         "there is no dependency \"x\""},
    }));
    CAPTURE(row.ingress);
    const auto loaded = with_ingress(row.ingress);
    CAPTURE(loaded.problems);
    REQUIRE(loaded.problems.size() == 1);
    CHECK(loaded.problems[0].path == "$.target.server.ingress" + row.path);
    CHECK_THAT(loaded.problems[0].message, Catch::Contains(row.message));
}

TEST_CASE("Affinity and re-routing need another instance", "[scenario][ingress]")
{
    CHECK(with_ingress(R"({"affinity": 0.9})", 1).problems.size() == 1);
    CHECK(with_ingress(R"({"reroute_on_reconnect": true})", 1).problems.size() == 1);
    CHECK(with_ingress(R"({"affinity": 0.9, "scale": [{"at": "1s", "add": 1}]})", 1).problems.empty());
}

TEST_CASE("The explanation and the plan tell what the ingress does", "[scenario][ingress]")
{
    const auto loaded = with_ingress(everything);
    REQUIRE(loaded.scenario);
    const auto text = explain(*loaded.scenario);
    CAPTURE(text);
    for (const char* part :
         {"connections wait until an instance takes them, at most 100; beyond: 503",
          "80 connections on each instance at a time; beyond: queued",
          "idle connections are cut after 30 s, by RST", "connections are ended after 60 s, by FIN",
          "strips from upgrades: Authorization, Sec-WebSocket-Protocol", "adds X-Forwarded-Proto: https",
          "affinity by authorization, followed by 90 % of the connections",
          "2 instances drained 4 s after the target is ready: SIGTERM, 5 s, SIGKILL",
          "3 of another revision beside it, with 25 % of the connections: serve --new {port}"})
        CHECK_THAT(text, Catch::Contains(part));
    const auto plan = nlohmann::json::parse(plan_json(make_plan(*loaded.scenario, 1)));
    CHECK(plan.at("/ingress/idle_cut/by"_json_pointer) == "reset");
    CHECK(plan.at("/ingress/scale/0/at_us"_json_pointer) == 2'000'000);
    CHECK(plan.at("/ingress/revisions/instances"_json_pointer) == 3);
    const auto without = parse_patched("{}");
    CHECK_FALSE(nlohmann::json::parse(plan_json(make_plan(*without.scenario, 1))).contains("ingress"));
}
