#include "plan/generated_plans.hpp"

#include "support/source_folder.hpp"

#include "core/draw.hpp"
#include "scenario/meetings.hpp"

#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>

namespace wsrace {

namespace {

using namespace std::chrono_literals;

constexpr const char* document = R"({
    "name": "every fault", "profile": "netra",
    "target": {"server": {
        "command": ["serve", "{port}", "{dependency.auth}"], "instances": 2,
        "dependencies": [{"name": "auth", "upstream": "127.0.0.1:9"}],
        "ingress": {"queue": {"limit": 100}, "concurrency": 80, "idle_cut": "30s",
                    "request_limit": {"after": "60s", "by": "reset"}, "strip_headers": ["Authorization",
                      "X-Y"],
                    "add_headers": {"X-A": "1", "X-B": "2"}, "forwarded_for": "per_user", "affinity": 0.9,
                    "affinity_by": "address", "reroute_on_reconnect": true,
                    "scale": [{"at": "2s", "add": 1}, {"at": "4s", "remove": 1}], "drain": "3s",
                    "revisions": {"weight": 0.25, "command": ["other", "{port}"], "instances": 1}}}},
    "users": {"count": 12, "carriers": ["authorization", "ticket", "query"],
              "arrival": {"pattern": "poisson", "rate": 20, "after": "server.sigterm"},
              "behaviours": [{"behaviour": "thread_squatter", "users": 2}, {"behaviour": "slow_reader",
                "users": 1},
                             {"behaviour": "forger", "users": 1}, {"behaviour": "ticket_racer", "users": 1},
                             {"behaviour": "aborter", "users": 1, "by": "half_close"}]},
    "journeys": [
      ["login", {"connect": {"upgrade": {"trickle": "1ms"}, "receive_buffer": 4096, "pongs": {"late": "2s"}}},
       "await_welcome", {"request": {"text": "a {canary}", "thread": "notes-{user}", "message": "chat",
                                     "settings": {"b": 1, "a": [1.5, "x"]}}},
       {"await_event": 2}, {"pause": {"log_uniform": ["1ms", "9ms"]}}, {"drop": "silence"}, "reconnect",
       "await_welcome", "await_events", {"pong": "unsolicited"}, "close"],
      ["login", {"connect": {"pongs": "withhold"}}, {"request": {"text": "early {canary}", "early": true}},
       "await_first_event", {"stop_reading": "5ms"}, {"read_slowly": {"rate": "1KiB", "for": "7ms"}},
         "stop", "ping",
       {"close": 3001}]],
    "faults": [
      {"at": "connect", "delay": {"log_uniform": ["1ms", "500ms"]}, "users": "60%"}, {"at": "tls",
        "delay": "2ms"},
      {"at": "upgrade_sent", "delay": "3ms", "users": "30%"},
      {"server": "pause", "at": "1s", "for": "20ms", "instance": 1}, {"server": "slow_cpu", "at": "2s",
        "for": "1s",
       "share": 0.3, "after": "server.spawn"}, {"server": "restart", "at": "3s"},
      {"dependency": "auth", "delay": {"normal": ["20ms", "5ms"]}, "during": "start"},
      {"dependency": "auth", "hang": true, "from": "1s", "until": "2s", "connections": [3, 5]},
      {"link": {"latency": "40ms", "jitter": {"log_normal": ["5ms", "80ms"]}}, "users": "30%"},
      {"link": {"bandwidth": "64KiB", "slice": 100}, "connections": "50%", "from": "1s", "until": "3s"},
      {"link": {"latency": "200ms"}, "on": {"type": "agent_thinking", "number": 2}, "for": "1s"},
      {"link": {"reset": true}, "after": {"event": 2, "user": 1}}, {"link": {"slice": 1}, "while": "upgrade"},
      {"link": {"black_hole": true}, "since": "connection", "from": "2s", "connections": [3, 5]},
      {"link": {"half_open": "client"}, "from": "2s"}, {"link": {"slow_close": "1s"}, "direction": "up"},
      {"link": {"stall": "5ms"}, "on": "agent_started"},
      {"link": {"corrupt_header": "Sec-WebSocket-Accept"}, "connections": [0, 0]}],
    "gates": [{"at": "login", "size": 3}, {"at": "upgrade_sent", "users": "70%", "tolerance": "7ms"}],
    "constraints": [{"step": {"at": "close", "users": "odd"}, "after": {"at": "event:2", "users": "previous"},
                     "gap": {"uniform": ["0ms", "30ms"]}, "within": "3s"}]
})";

// Somebody whose first connection is not made, in a role of their own.
void add_lonely_user(Plan& plan, RandomEngine& random)
{
    plan.roles.push_back(
        {.behaviour = std::nullopt, .connections = 2, .first_journey = plan.journeys.size(), .journeys = 2});
    const auto journey = plan.journeys.front();
    plan.journeys.emplace_back();
    plan.journeys.push_back(journey);
    const auto number = plan.users.back().id.value + 1 + static_cast<std::uint32_t>(random() % 1000);
    plan.users.push_back({.id = UserId{number},
                          .arrival = draw_log_uniform(1us, 1s, random),
                          .carrier = TokenCarrier::subprotocol,
                          .delays = {{.slot = 1, .step = 0, .delay = draw_log_uniform(1us, 1s, random)}},
                          .role = plan.roles.size() - 1,
                          .other = UserId{0}});
}

} // namespace

std::vector<Scenario> shipped_scenarios()
{
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(source_folder() / "scenarios"))
        if (entry.path().extension() == ".json") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<Scenario> out;
    for (const auto& file : files) {
        auto loaded = load_scenario(file);
        CAPTURE(file);
        REQUIRE(loaded.scenario);
        out.push_back(std::move(*loaded.scenario));
    }
    return out;
}

Scenario every_fault_scenario()
{
    auto loaded = parse_scenario(document, "every_fault.json", source_folder() / "scenarios");
    for (const auto& problem : loaded.problems) UNSCOPED_INFO(to_string(problem));
    REQUIRE(loaded.scenario);
    return std::move(*loaded.scenario);
}

Plan generated_plan(std::uint64_t seed)
{
    static const auto scenario = every_fault_scenario();
    auto plan = make_plan(scenario, seed);
    auto random = random_stream(seed, "generated plan");
    if (random() % 2 == 0) add_lonely_user(plan, random);
    if (random() % 2 == 0) plan.gates.clear();
    if (random() % 2 == 0) plan.constraints.clear();
    if (random() % 2 == 0) plan.ingress = IngressSpec{};
    if (random() % 2 == 0) plan.link_faults.clear();
    if (random() % 4 == 0) plan.seed = ~std::uint64_t{0};
    for (auto& one : plan.constraints) one.tolerance = draw_log_uniform(1us, 1s, random);
    return plan;
}

} // namespace wsrace
