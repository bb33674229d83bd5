// Faults of the link, as scenarios write them.
#include "plan/plan.hpp"
#include "scenario/explain.hpp"
#include "scenario/link_words.hpp"
#include "scenario/reading.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace wsrace;
using namespace std::chrono_literals;
using Kind = LinkFault::Trigger::Kind;

namespace {

LinkFault read(const std::string& fault)
{
    const auto loaded = parse_patched(R"({"users": {"count": 9}, "faults": [)" + fault + "]}");
    CAPTURE(fault, loaded.problems);
    REQUIRE(loaded.scenario);
    REQUIRE(loaded.scenario->link_faults.size() == 1);
    return loaded.scenario->link_faults.front();
}

// The only mistake.
std::string mistake(const std::string& fault, const std::string& target = "")
{
    const auto loaded = parse_patched("{" + target + R"("users": {"count": 9}, "faults": [)" + fault + "]}");
    CAPTURE(fault, loaded.problems);
    REQUIRE(loaded.problems.size() == 1);
    return loaded.problems.front().path + ": " + loaded.problems.front().message;
}

} // namespace

TEST_CASE("A jitter that is a duration alone is the most that is added", "[scenario]")
{
    const auto fault = read(R"({"link": {"latency": "40ms", "jitter": "20ms"}})");
    CHECK(fault.latency == 40ms);
    CHECK(fault.jitter == Distribution{Distribution::Kind::uniform, 0ms, 20ms});
    CHECK(fault.direction == LinkFault::Direction::both);
    CHECK(fault.until == Duration::max());
}

TEST_CASE("Jitter has any distribution, and so has every delay", "[scenario]")
{
    CHECK(read(R"({"link": {"jitter": {"normal": ["20ms", "5ms"]}}})").jitter ==
          Distribution{Distribution::Kind::normal, 20ms, 5ms});
    CHECK(read(R"({"link": {"jitter": {"log_normal": ["5ms", "80ms"]}}})").jitter ==
          Distribution{Distribution::Kind::log_normal, 5ms, 80ms});
    CHECK(read(R"({"link": {"jitter": {"log_uniform": ["1ms", "1s"]}}})").jitter ==
          Distribution{Distribution::Kind::log_uniform, 1ms, 1s});
    CHECK_THAT(mistake(R"({"link": {"jitter": {"log_normal": ["80ms", "5ms"]}}})"),
               Catch::Contains("95th percentile 5 ms is below the median 80 ms"));
    CHECK_THAT(mistake(R"({"link": {"jitter": {"normal": "5ms"}}})"),
               Catch::Contains("mean and the standard deviation"));
}

TEST_CASE("All that a link can do is read", "[scenario]")
{
    const auto fault = read(R"({"link": {"bandwidth": "64KiB", "slice": 3, "slow_close": "1s",
        "corrupt_header": "X-A"}, "direction": "up", "users": "25%", "connections": [2, 5],
        "since": "connection", "from": "1s", "until": "2s"})");
    CHECK(fault.bandwidth == 65536);
    CHECK(fault.slice == 3);
    CHECK(fault.slow_close == 1s);
    CHECK(fault.corrupt_header == "X-A");
    CHECK(fault.direction == LinkFault::Direction::up);
    CHECK(fault.user_share == 0.25);
    CHECK(fault.first_connection == 2);
    CHECK(fault.last_connection == 5);
    CHECK(fault.since == LinkFault::Since::connection);
    CHECK(fault.from == 1s);
    CHECK(fault.until == 2s);
    CHECK(read(R"({"link": {"bandwidth": "300B"}, "connections": "10%"})").connection_share == 0.1);
    CHECK(read(R"({"link": {"half_open": "target"}, "from": "0ms"})").half_open == LinkFault::Side::target);
}

TEST_CASE("What begins a fault is read", "[scenario]")
{
    const auto after = read(R"({"link": {"reset": true}, "after": {"event": 2, "user": 7}})").trigger;
    CHECK(after == LinkFault::Trigger{Kind::after_event, 2, FrameType::unknown, 7});
    const auto on = read(R"({"link": {"stall": "1s"}, "on": "tool_executing"})").trigger;
    CHECK(on == LinkFault::Trigger{Kind::on_type, 1, FrameType::tool_executing, std::nullopt});
    const auto second =
        read(R"({"link": {"latency": "1s"}, "on": {"type": "pong", "number": 2}, "for": "3s"})");
    CHECK(second.trigger == LinkFault::Trigger{Kind::on_type, 2, FrameType::pong, std::nullopt});
    CHECK(second.lasting == 3s);
    CHECK(read(R"({"link": {"slice": 1}, "while": "upgrade"})").trigger.kind == Kind::while_upgrade);
}

TEST_CASE("A link fault that cannot be is a mistake with a reason", "[scenario]")
{
    struct Wrong {
        std::string fault, message;
    };
    const auto wrong = GENERATE(values<Wrong>({
        {R"({"link": {}})", "$.faults[0].link: it does not say what happens"},
        {R"({"link": {"latncy": "1ms"}})", "did you mean \"latency\"?"},
        {R"({"link": {"latency": 40}})", "expected a duration"},
        {R"({"link": {"bandwidth": "64kb"}})", "bytes per second"},
        {R"({"link": {"bandwidth": "0KiB"}})", "bytes per second"},
        {R"({"link": {"slice": 0}})", "from 1"},
        {R"({"link": {"reset": true}})", "when the connection is to be lost"},
        {R"({"link": {"reset": true, "half_open": "client"}, "from": "1s"})", "exclude each other"},
        {R"({"link": {"reset": true, "latency": "1s"}, "from": "1s"})", "stands alone"},
        {R"({"link": {"reset": true}, "from": "1s", "until": "2s"})", "lost once"},
        {R"({"link": {"reset": true}, "from": "1s", "direction": "up"})", "both ways"},
        {R"({"link": {"stall": "1s"}, "from": "1s", "until": "2s"})", "a stall has its own length"},
        {R"({"link": {"half_open": "server"}, "from": "1s"})", "unknown side \"server\""},
        {R"({"link": {"slice": 1}, "from": "2s", "until": "1s"})", "before it begins"},
        {R"({"link": {"slice": 1}, "after": {"event": 1}, "from": "1s"})", "\"from\""},
        {R"({"link": {"slice": 1}, "after": {"event": 1}, "on": "pong"})", "exclude each other"},
        {R"({"link": {"slice": 1}, "after": {"event": 1, "user": 9}})", "from 0 to 8"},
        {R"({"link": {"slice": 1}, "after": {"event": 0}})", "from 1"},
        {R"({"link": {"slice": 1}, "on": "tool_executed"})", "did you mean"},
        {R"({"link": {"slice": 1}, "while": "upgrading"})", "unknown span \"upgrading\""},
        {R"({"link": {"slice": 1}, "for": "1s"})", "\"for\" goes with"},
        {R"({"link": {"slice": 1}, "users": "0%"})", "share of the users"},
        {R"({"link": {"slice": 1}, "connections": [5, 2]})", "behind the last one"},
        {R"({"link": {"corrupt_header": "a b"}})", "name of a header"},
        {R"({"link": {"corrupt_header": "X"}, "after": {"event": 1}})", "handshake, which is over"},
    }));
    CHECK_THAT(mistake(wrong.fault), Catch::Contains(wrong.message));
}

TEST_CASE("Through TLS only bytes and times can be bad", "[scenario]")
{
    const std::string target = R"("target": {"url": "wss://localhost:1"}, )";
    CHECK_THAT(mistake(R"({"link": {"slice": 1}, "on": "pong"})", target), Catch::Contains("TLS"));
    CHECK_THAT(mistake(R"({"link": {"corrupt_header": "X"}})", target), Catch::Contains("TLS"));
    CHECK(parse_patched("{" + target + R"("faults": [{"link": {"black_hole": true}, "from": "1s"}]})")
              .scenario);
}

TEST_CASE("A link fault is explained, and stands in the plan", "[scenario]")
{
    const auto loaded = parse_patched(R"({"faults": [
        {"link": {"latency": "40ms", "jitter": "20ms"}, "users": "30%", "direction": "down"},
        {"link": {"reset": true}, "after": {"event": 2, "user": 1}},
        {"link": {"stall": "1s"}, "on": "pong"}]})");
    REQUIRE(loaded.scenario);
    const auto text = explain(*loaded.scenario);
    CHECK_THAT(text, Catch::Contains("link: latency 40 ms, jitter 0 s to 20 ms, from the target to the users "
                                     "only, for 30 % of the users"));
    CHECK_THAT(text, Catch::Contains("link: reset, after the 2nd event of user 1"));
    CHECK_THAT(text, Catch::Contains("link: stall 1 s, from the 1st pong of each connection"));
    const auto plan = nlohmann::json::parse(plan_json(make_plan(*loaded.scenario, 1)));
    REQUIRE(plan.at("link_faults").size() == 3);
    CHECK(plan["link_faults"][0].dump() ==
          R"({"direction":"down","link":{"jitter_us":["uniform",0,20000],"latency_us":40000},"users":0.3})");
    CHECK(plan["link_faults"][1].dump() == R"({"after":{"event":2,"user":1},"link":{"reset":true}})");
    CHECK(plan["link_faults"][2].dump() ==
          R"({"link":{"stall_us":1000000},"on":{"number":1,"type":"pong"}})");
}
