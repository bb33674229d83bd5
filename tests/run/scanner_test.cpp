#include "run/scanner.hpp"
#include "run/token.hpp"
#include "support/source_folder.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace wsrace;

namespace {

const Profile& netra()
{
    static const auto profile = [] {
        std::vector<Problem> problems;
        auto loaded = load_profile("netra", {source_folder() / "profiles"}, problems);
        if (!loaded) throw std::runtime_error{to_string(problems.at(0))};
        return *loaded;
    }();
    return profile;
}

// A connection of user 3 that has asked twice.
struct Bench {
    RunId run{99};
    std::vector<std::string> own{make_canary({run, {UserId{3}, SlotId{0}, 0}}),
                                 make_canary({run, {UserId{3}, SlotId{0}, 1}})};
    std::string other = make_canary({run, {UserId{4}, SlotId{0}, 0}});
    SeenTokens seen;
    FrameScanner scanner{netra()};

    const FrameFacts& scan(const std::string& frame) { return scanner.scan(frame, own, seen); }
};

bool has_token(const FrameFacts& facts, std::string_view token)
{
    return std::any_of(facts.tokens.begin(), facts.tokens.end(),
                       [&](const auto& found) { return found.text == token; });
}

} // namespace

TEST_CASE("An event's type, run, timestamp and canary are found in one pass")
{
    Bench bench;
    const auto& facts =
        bench.scan(R"({"type":"tool_executing","run_id":"r-9","user_id":"u-3","thread_id":"t-4",)"
                   R"("timestamp":"2026-01-01T00:00:00.123Z","payload":{"tool_name":"search",)"
                   R"("parameters":{"q":"hello )" +
                   bench.own[1] + R"("},"execution_id":"x-1","status":"executing"}})");
    CHECK(facts.type == FrameType::tool_executing);
    CHECK(facts.run == "r-9");
    CHECK(facts.execution == "x-1");
    CHECK(facts.tool == "search");
    CHECK(facts.timestamp_us == 1'767'225'600'123'000);
    CHECK(facts.own_request == 1);
    CHECK(facts.other_canaries.empty());
    CHECK(facts.schema.empty());
    CHECK(has_token(facts, "u-3"));
    CHECK(has_token(facts, "t-4"));
    CHECK_FALSE(has_token(facts, "x-1"));
}

TEST_CASE("The event's name and ids are found wherever the profile says")
{
    Bench bench;
    const auto* const frame =
        GENERATE(R"({"type":"agent_started","payload":{"run_id":"r-1"}})",
                 R"({"data":{"type":"agent_started","run_id":"r-1"}})",
                 R"({"data":{"event":"agent_started","run_id":"r-1"}})",
                 R"({"payload":{"type":"agent_started"},"run_id":"r-1"})",
                 R"({"type":"system_message","data":{"event":"agent_started","run_id":"r-1"}})");
    const auto& facts = bench.scan(frame);
    CHECK(facts.type == FrameType::agent_started);
    CHECK(facts.run == "r-1");
}

TEST_CASE("A key with a slash in it leads nowhere else")
{
    Bench bench;
    CHECK(bench.scan(R"({"data/type":"pong"})").type == FrameType::no_type);
    CHECK(bench.scan(R"({"type":"pong","payload/run_id":"r-1","payload":{"run~id":"r-2"}})").run.empty());
}

TEST_CASE("Both forms of the welcome are known")
{
    Bench bench;
    CHECK(bench.scan(R"({"type":"connection_established","connection_id":"c-17"})").type ==
          FrameType::welcome);
    CHECK(bench.scan(R"({"type":"system_message","data":{"event":"connection_established"}})").type ==
          FrameType::welcome);
}

TEST_CASE("A foreign canary is found at any depth, through escapes and base64, with its field")
{
    Bench bench;
    const auto& deep = bench.scan(R"({"type":"agent_thinking","payload":{"a":[{"b":"x"},{"c":"see )" +
                                  bench.other + R"("}]}})");
    REQUIRE(deep.other_canaries.size() == 1);
    CHECK(deep.other_canaries[0].path == "/payload/a/1/c");
    CHECK(deep.other_canaries[0].text == bench.other);
    CHECK_FALSE(deep.other_canaries[0].corrupt);

    std::string escaped;
    for (const auto c : bench.other) {
        char buffer[8];
        std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(c));
        escaped += buffer;
    }
    const auto& hidden = bench.scan(R"({"type":"agent_thinking","reasoning":")" + escaped + R"("})");
    REQUIRE(hidden.other_canaries.size() == 1);
    CHECK(hidden.other_canaries[0].text == bench.other);

    const auto& key = bench.scan(R"({"type":"agent_thinking","payload":{")" + bench.other + R"(":1}})");
    REQUIRE(key.other_canaries.size() == 1);
}

TEST_CASE("A foreign canary behind one's own is not overlooked, nor one's own behind a foreign one")
{
    Bench bench;
    const auto& after =
        bench.scan(R"({"type":"agent_thinking","reasoning":")" + bench.own[0] + " " + bench.other + R"("})");
    CHECK(after.own_request == 0);
    REQUIRE(after.other_canaries.size() == 1);
    const auto& before =
        bench.scan(R"({"type":"agent_thinking","reasoning":")" + bench.other + " " + bench.own[0] + R"("})");
    CHECK(before.own_request == 0);
    REQUIRE(before.other_canaries.size() == 1);
    CHECK(before.other_canaries[0].text == bench.other);
}

TEST_CASE("A foreign canary in base64 is not overlooked beside one's own in plain text")
{
    Bench bench;
    const auto hidden = base64url("for " + bench.other);
    for (const auto& text : {bench.own[0] + " " + hidden, hidden + " " + bench.own[0],
                             bench.own[0] + " " + hidden + " " + bench.own[0]}) {
        const auto& facts = bench.scan(R"({"type":"agent_thinking","reasoning":")" + text + R"("})");
        CHECK(facts.own_request == 0);
        REQUIRE(facts.other_canaries.size() == 1);
        CHECK(facts.other_canaries[0].text == bench.other);
        CHECK(facts.other_canaries[0].encoded);
    }
}

TEST_CASE("A damaged canary is reported as damaged")
{
    Bench bench;
    auto damaged = bench.own[0];
    damaged.back() = damaged.back() == '0' ? '1' : '0';
    const auto& facts = bench.scan(R"({"type":"agent_thinking","reasoning":")" + damaged + R"("})");
    REQUIRE(facts.other_canaries.size() == 1);
    CHECK(facts.other_canaries[0].corrupt);
}

TEST_CASE("Tokens are noted once per connection, words and numbers never")
{
    Bench bench;
    const auto& first =
        bench.scan(R"({"type":"pong","data":{"user_id":"u-77","text":"for u-78 and 12345, hello"}})");
    CHECK(first.tokens.size() == 2);
    CHECK(has_token(first, "u-77"));
    CHECK(has_token(first, "u-78"));
    CHECK(bench.scan(R"({"type":"pong","data":{"user_id":"u-77"}})").tokens.empty());
}

TEST_CASE("Missing fields and wrong types of an event are noted")
{
    Bench bench;
    const auto& facts = bench.scan(
        R"({"type":"tool_completed","payload":{"tool_name":7,"execution_id":"x","execution_time_ms":"3"}})");
    std::vector<std::string> found;
    for (const auto& problem : facts.schema) found.push_back(problem.path + ": " + problem.text);
    std::sort(found.begin(), found.end());
    CHECK(found ==
          std::vector<std::string>{"execution_time_ms: a string", "result: missing", "tool_name: a number"});
}

TEST_CASE("Timestamps are read in every form, and bad ones noted")
{
    Bench bench;
    CHECK(bench.scan(R"({"type":"pong","timestamp":1767225600.5})").timestamp_us == 1'767'225'600'500'000);
    CHECK(bench.scan(R"({"type":"pong","payload":{"timestamp":"2026-01-01T00:00:00"}})").timestamp_us ==
          1'767'225'600'000'000);
    CHECK(bench.scan(R"({"type":"pong"})").timestamp_us == no_stamp);
    CHECK_FALSE(bench.scan(R"({"type":"pong"})").bad_timestamp);
    CHECK(bench.scan(R"({"type":"pong","timestamp":"soon"})").bad_timestamp);
}

TEST_CASE("What is not one JSON text is not JSON")
{
    Bench bench;
    for (const auto* const frame :
         {"", "hello", "{\"type\":", "{} {}", "{\"a\":1,}", "[1,2", "\xff\xfe", "{\"a\":\"\xff\"}"})
        CHECK(bench.scan(frame).type == FrameType::not_json);
    CHECK(bench.scan(std::string(1000, '[')).type == FrameType::not_json);
    CHECK(bench.scan("  {\"type\":\"pong\"} \n").type == FrameType::pong);
    CHECK(bench.scan("{}").type == FrameType::no_type);
    CHECK(bench.scan("[]").type == FrameType::no_type);
    CHECK(bench.scan("5").type == FrameType::no_type);
    CHECK(bench.scan(R"({"type":"surprise"})").type == FrameType::unknown);
}

TEST_CASE("Nothing of one frame is left in the next")
{
    Bench bench;
    bench.scan(R"({"type":"agent_thinking","run_id":"r-1","recovered":true,"reasoning":")" + bench.other +
               R"("})");
    const auto& facts = bench.scan(R"({"type":"heartbeat"})");
    CHECK(facts.type == FrameType::heartbeat);
    CHECK(facts.run.empty());
    CHECK_FALSE(facts.recovered);
    CHECK(facts.other_canaries.empty());
    CHECK(facts.own_request == -1);
}
