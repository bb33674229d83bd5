#include "scenario/run_events_reader.hpp"

#include "scenario/explain.hpp"
#include "scenario/reading.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;

namespace {

using Types = std::vector<FrameType>;

const Types without_tools{FrameType::agent_started, FrameType::agent_thinking, FrameType::agent_completed};

// The right scenario, whose profile extends netra and has this in it.
LoadedScenario with_profile(const std::string& fields)
{
    return parse_patched(R"({"profile": {"extends": "netra", )" + fields + "}}");
}

RunEvents read(const std::string& run_events)
{
    const auto loaded = with_profile(R"("run_events": )" + run_events);
    CAPTURE(run_events, loaded.problems);
    REQUIRE(loaded.scenario);
    CHECK(loaded.scenario->profile.run_events == loaded.scenario->expectations.run_events);
    return loaded.scenario->expectations.run_events;
}

// A profile of its own, in which these types alone have a name.
LoadedScenario with_names(const std::vector<std::string>& names, const std::string& run_events)
{
    auto scenario = right_scenario();
    scenario["profile"] = {{"name", "own"}, {"pointers", {{"type", {"/type"}}}}};
    for (const auto& name : names) scenario["profile"]["types"][name] = name;
    if (!run_events.empty()) scenario["profile"]["run_events"] = nlohmann::json::parse(run_events);
    return parse_scenario(scenario.dump(), "test.json", source_folder() / "scenarios");
}

struct Row {
    std::string run_events;
    std::string path;
    std::string message;
};

} // namespace

TEST_CASE("A profile that says nothing expects all five events, in no further order", "[scenario]")
{
    const auto loaded = parse_patched("{}");
    REQUIRE(loaded.scenario);
    const auto& events = loaded.scenario->expectations.run_events;
    CHECK(events == RunEvents{});
    CHECK(events.types == Types{five_events.begin(), five_events.end()});
    CHECK(events.declared());
}

TEST_CASE("A list of events is read in the order of the protocol, however it is written", "[scenario]")
{
    const auto events = read(R"(["agent_completed", "agent_thinking", "agent_started"])");
    CHECK(events.types == without_tools);
    CHECK(events.order.empty());
    CHECK(events.declared());
    CHECK(read(R"(["agent_completed"])").types == Types{FrameType::agent_completed});
}

TEST_CASE("Events that are to be learned are the terminal one alone until then", "[scenario]")
{
    const auto events = read(R"("learned")");
    CHECK(events == RunEvents::not_yet_learned());
    CHECK(events.types == Types{FrameType::agent_completed});
    CHECK_FALSE(events.declared());
}

TEST_CASE("What was learned is read with its order", "[scenario]")
{
    const auto events = read(R"({"types": ["agent_started", "agent_thinking", "agent_completed"],
                                 "order": [["agent_started", "agent_thinking", "agent_completed"]],
                                 "learned_from": 9})");
    CHECK(events.types == without_tools);
    CHECK(events.order.size() == 3);
    CHECK(events.learned_from == 9);
    CHECK_FALSE(events.declared());
    CHECK_FALSE(events.to_be_learned);
}

TEST_CASE("Events of a run that are written are read as they were", "[scenario]")
{
    const std::string text =
        GENERATE(R"("learned")", R"(["agent_completed"])",
                 R"({"types": ["agent_started", "agent_thinking", "agent_completed"], "learned_from": 3})",
                 R"({"types": ["agent_thinking", "tool_executing", "tool_completed", "agent_completed"],
            "order": [["tool_completed", "agent_thinking", "agent_completed"],
                      ["tool_executing", "agent_completed"]]})",
                 R"({"types": ["agent_started", "agent_thinking", "agent_completed"], "learned_from": 3,
            "order": [["agent_thinking", "agent_started", "agent_completed"]]})");
    const auto events = read(text);
    CAPTURE(text, run_events_json(events));
    CHECK(read(run_events_json(events)) == events);
}

TEST_CASE("Events of a run replace those of the profile that is extended, and stay in what is kept",
          "[scenario]")
{
    const auto loaded = with_profile(R"("run_events": {"types": ["agent_thinking", "agent_completed"],
                                                       "order": [["agent_thinking", "agent_completed"]],
                                                       "learned_from": 9})");
    REQUIRE(loaded.scenario);
    auto again = parse_scenario(loaded.scenario->canonical, "again", ".");
    REQUIRE(again.scenario);
    CHECK(again.scenario->expectations.run_events == loaded.scenario->expectations.run_events);

    const auto folder = std::filesystem::temp_directory_path() / "wsrace_run_events_test";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "base.json") << R"({"name": "base", "extends": "netra",
        "run_events": {"types": ["agent_thinking", "agent_completed"],
                       "order": [["agent_thinking", "agent_completed"]]}})";
    auto scenario = right_scenario();
    scenario["profile"] = {{"extends", (folder / "base.json").string()},
                           {"run_events", {{"types", {"agent_started", "agent_completed"}}}}};
    const auto extended = parse_scenario(scenario.dump(), "test.json", source_folder() / "scenarios");
    std::filesystem::remove_all(folder);
    CAPTURE(extended.problems);
    REQUIRE(extended.scenario);
    const auto& events = extended.scenario->expectations.run_events;
    CHECK(events.types == Types{FrameType::agent_started, FrameType::agent_completed});
    CHECK(events.order.empty());
    again = parse_scenario(extended.scenario->canonical, "again", ".");
    CAPTURE(again.problems);
    REQUIRE(again.scenario);
    CHECK(again.scenario->expectations.run_events == events);
}

TEST_CASE("Mistakes in the events of a run are named with their place", "[scenario]")
{
    const Row row = GENERATE(values<Row>({
        {R"("learnt")", "", "expected \"learned\", or a list"},
        {R"(true)", "", "expected \"learned\", or a list"},
        {R"([])", "", "agent_completed is missing"},
        {R"(["agent_started", "agent_thinking"])", "", "agent_completed is missing"},
        {R"(["agent_completed", "agent_thinkng"])", "[1]", "did you mean \"agent_thinking\"?"},
        {R"(["agent_completed", "agent_error"])", "[1]", "unknown event of a run"},
        {R"(["agent_completed", "agent_completed"])", "[1]", "twice; keep one"},
        {R"(["agent_completed", 5])", "[1]", "agent_thinking"},
        {R"({})", "", "\"types\" is missing"},
        {R"({"types": "learned"})", ".types", "a list of events of a run"},
        {R"({"types": ["agent_started"]})", ".types", "agent_completed is missing"},
        {R"({"types": ["agent_completed"], "from": 1})", ".from", "unknown field"},
        {R"({"types": ["agent_completed"], "learned_from": 0})", ".learned_from", "from 1 to"},
        {R"({"types": ["agent_completed"], "order": "first"})", ".order", "a list of lists of events"},
        {R"({"types": ["agent_completed"], "order": [["agent_completed"]]})", ".order[0]", "at least two"},
        {R"({"types": ["agent_completed"], "order": [["agent_thinking", "agent_completed"]]})", ".order[0]",
         "agent_thinking is not in \"types\""},
        {R"({"types": ["agent_thinking", "agent_completed"],
             "order": [["agent_completed", "agent_thinking"]]})",
         ".order", "no run can have this order"},
        {R"({"types": ["agent_started", "agent_thinking", "agent_completed"],
             "order": [["agent_thinking", "agent_started"]]})",
         ".order", "agent_started comes first"},
        {R"({"types": ["agent_thinking", "tool_executing", "tool_completed", "agent_completed"],
             "order": [["agent_thinking", "tool_executing"], ["tool_executing", "tool_completed"],
                       ["tool_completed", "agent_thinking"]]})",
         ".order", "no run can have this order"},
    }));
    const auto loaded = with_profile(R"("run_events": )" + row.run_events);
    CAPTURE(row.run_events, loaded.problems);
    REQUIRE(loaded.problems.size() == 1);
    CHECK(loaded.problems[0].path == "$.profile.run_events" + row.path);
    CHECK_THAT(loaded.problems[0].message, Catch::Contains(row.message));
}

TEST_CASE("Only what is expected needs a name", "[scenario]")
{
    const std::vector<std::string> few{"agent_started", "agent_thinking", "agent_completed"};
    CHECK(with_names(few, R"("learned")").scenario);
    CHECK(with_names({"agent_completed"}, R"("learned")").scenario);
    CHECK(with_names(few, R"(["agent_started", "agent_thinking", "agent_completed"])").scenario);
    CHECK(with_names(few, R"(["agent_completed"])").scenario);

    const auto undeclared = with_names(few, "");
    REQUIRE(undeclared.problems.size() == 2);
    CHECK_THAT(undeclared.problems[0].message, Catch::Contains("means tool_executing"));
    CHECK_THAT(undeclared.problems[0].message, Catch::Contains("\"run_events\""));
    const auto nameless = with_names({"agent_completed"}, R"(["agent_thinking", "agent_completed"])");
    REQUIRE(nameless.problems.size() == 1);
    CHECK_THAT(nameless.problems[0].message, Catch::Contains("means agent_thinking"));
    const auto endless = with_names({"agent_started"}, R"("learned")");
    REQUIRE(endless.problems.size() == 1);
    CHECK_THAT(endless.problems[0].message,
               Catch::Contains("means agent_completed, so that no run could ever end"));
}

TEST_CASE("The explanation says which events are expected, where they are not all five", "[scenario]")
{
    const auto text = [](const std::string& run_events) {
        const auto loaded = with_profile(R"("run_events": )" + run_events);
        REQUIRE(loaded.scenario);
        return explain(*loaded.scenario);
    };
    CHECK_THAT(text(R"("learned")"), Catch::Contains("run events   not declared") &&
                                         Catch::Contains("only agent_completed is expected; wsrace hunt"));
    CHECK_THAT(text(R"(["agent_thinking", "agent_completed"])"),
               Catch::Contains("run events   agent_thinking, agent_completed\n"));
    CHECK_THAT(text(R"({"types": ["agent_thinking", "agent_completed"], "learned_from": 9,
                        "order": [["agent_thinking", "agent_completed"]]})"),
               Catch::Contains("learned from 9 runs: agent_thinking, agent_completed, in this order"));
    const auto silent = parse_patched("{}");
    REQUIRE(silent.scenario);
    CHECK_THAT(explain(*silent.scenario), !Catch::Contains("run events"));
}
