#include "scenario/reading.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;

namespace {

Profile shipped(const std::string& profile)
{
    std::vector<Problem> problems;
    const auto loaded = load_profile(profile, {source_folder() / "profiles"}, problems);
    CAPTURE(problems);
    REQUIRE(loaded);
    return *loaded;
}

struct Row {
    std::string patch; // merged into a profile that extends netra
    std::string path;
    std::string message;
};

} // namespace

TEST_CASE("The default profile looks everywhere the protocol allows", "[scenario]")
{
    const auto profile = shipped("netra");
    using Pointers = std::vector<std::string>;
    CHECK(profile.type_pointers == Pointers{"/type", "/data/type", "/data/event", "/payload/type"});
    CHECK(profile.run_pointers == Pointers{"/run_id", "/payload/run_id", "/data/run_id"});
    CHECK(profile.wrapper_types.at(0) == "system_message");
    CHECK(profile.types.at("connection_established") == FrameType::welcome);
    CHECK(profile.types.at("agent_death") == FrameType::agent_error);
    CHECK(profile.types.at("handshake_validation") == FrameType::heartbeat);
    CHECK(profile.carrier == TokenCarrier::authorization);
    CHECK(profile.login.kind == LoginKind::password);
    for (const FrameType event : five_events) CHECK_FALSE(profile.required_fields.at(event).empty());
    const FieldRule& result = profile.required_fields.at(FrameType::agent_completed).at(1);
    CHECK(result.field == "result");
    CHECK(result.type == FieldRule::Type::any);
    CHECK(result.alternatives == Pointers{"final_response"});
}

TEST_CASE("A profile that extends another has its fields and its own", "[scenario]")
{
    const auto profile = shipped("netra_token");
    CHECK(profile.name == "netra_token");
    CHECK(profile.login.kind == LoginKind::token);
    CHECK(profile.login.ticket_path == shipped("netra").login.ticket_path);
    CHECK(profile.types == shipped("netra").types);
}

TEST_CASE("A scenario can change a profile in place", "[scenario]")
{
    const auto loaded = parse_patched(
        R"({"profile": {"extends": "netra", "carrier": "query", "websocket_path": "/api/v1/websocket",
        "types": {"run_started": "agent_started"}, "pointers": {"run": ["/rid"]}, "headers": {"X-Forwarded-For": "10.0.0.{user}"},
        "required_fields": {"agent_thinking": []}}})");
    CAPTURE(loaded.problems);
    REQUIRE(loaded.scenario);
    const Profile& profile = loaded.scenario->profile;
    CHECK(profile.carrier == TokenCarrier::query);
    CHECK(profile.websocket_path == "/api/v1/websocket");
    CHECK(profile.types.at("run_started") == FrameType::agent_started);
    CHECK(profile.types.at("agent_started") == FrameType::agent_started);
    CHECK(profile.run_pointers == std::vector<std::string>{"/rid"});
    CHECK_FALSE(profile.user_pointers.empty());
    CHECK(profile.headers.at("X-Forwarded-For") == "10.0.0.{user}");
    CHECK(profile.required_fields.at(FrameType::agent_thinking).empty());
    CHECK_FALSE(profile.required_fields.at(FrameType::agent_started).empty());
}

TEST_CASE("Every field of a profile is validated", "[scenario]")
{
    const Row row = GENERATE(values<Row>({
        {R"({"pointer": {}})", ".pointer", "did you mean \"pointers\"?"},
        {R"({"name": ""})", ".name", "not empty"},
        {R"({"description": 1})", ".description", "a string"},
        {R"({"carrier": "Query"})", ".carrier", "unknown token carrier"},
        {R"({"login": {"kind": "oauth"}})", ".login.kind", "known: none, password, mint, token"},
        {R"({"login": {"secret": "abc"}})", ".login.secret", "unknown field"},
        {R"({"login": {"login_path": "auth"}})", ".login.login_path", "begins with /"},
        {R"({"login": {"register_path": "auth"}})", ".login.register_path", "begins with /"},
        {R"({"login": {"email": "all@example.org"}})", "", "no {user}"},
        {R"({"login": {"email": "{user}{uesr}@example.org"}})", ".login.email", "unknown placeholder"},
        {R"({"login": {"token_env": "eyJhbGciOi.J9.x"}})", ".login.token_env",
         "name of an environment variable"},
        {R"({"login": {"token_lifetime": 900}})", ".login.token_lifetime", "a duration"},
        {R"({"websocket_path": "ws"})", ".websocket_path", "begins with /"},
        {R"({"health_path": ""})", ".health_path", "not empty"},
        {R"({"subprotocols": ["a b"]})", ".subprotocols[0]", "name of a subprotocol"},
        {R"({"subprotocols": "jwt"})", ".subprotocols", "a list of subprotocols"},
        {R"({"headers": {"Authorization": "Bearer x"}})", ".headers.Authorization",
         "writes this header itself"},
        {R"({"headers": {"sec-websocket-key": "x"}})", ".headers[\"sec-websocket-key\"]",
         "writes this header itself"},
        {R"({"headers": {"X Y": "x"}})", ".headers[\"X Y\"]", "not the name of an HTTP header"},
        {R"({"headers": {"X-Y": "a\r\nb"}})", ".headers[\"X-Y\"]", "one line"},
        {R"({"headers": {"X-Y": 1}})", ".headers[\"X-Y\"]", "a string"},
        {R"({"request_message": "ask"})", ".request_message", "start_agent, user_message, chat"},
        {R"({"flat_fields": 1})", ".flat_fields", "true or false"},
        {R"({"wait_for_welcome": "no"})", ".wait_for_welcome", "true or false"},
        {R"({"wrapper_types": ["agent_started"]})", "", "keep one"},
        {R"({"pointers": {"type": []}})", "", "no frame could be told"},
        {R"({"pointers": {"type": ["type"]}})", ".pointers.type[0]", "a JSON pointer"},
        {R"({"pointers": {"run": ["/a/b/c"]}})", ".pointers.run[0]", "one or two names"},
        {R"({"pointers": {"run": ["/a", "/a"]}})", ".pointers.run[1]", "twice"},
        {R"({"pointers": {"rum": ["/a"]}})", ".pointers.rum", "did you mean \"run\"?"},
        {R"({"types": {"x": "agent_start"}})", ".types.x", "unknown frame type \"agent_start\""},
        {R"({"types": {"x": "unknown"}})", ".types.x", "unknown frame type"},
        {R"({"types": {"agent_completed": "pong"}})", "", "means agent_completed"},
        {R"({"required_fields": {"agent_stated": []}})", ".required_fields.agent_stated",
         "\"agent_started\"?"},
        {R"({"required_fields": {"pong": [{"type": "any"}]}})", ".required_fields.pong[0]",
         "\"field\" is missing"},
        {R"({"required_fields": {"pong": [{"field": "a", "type": "int"}]}})", ".required_fields.pong[0].type",
         "known"},
        {R"({"required_fields": {"pong": [{"field": "a", "or": "b"}]}})", ".required_fields.pong[0].or",
         "known"},
    }));
    nlohmann::json scenario = right_scenario();
    scenario["profile"] = {{"extends", "netra"}};
    scenario["profile"].merge_patch(nlohmann::json::parse(row.patch));
    const auto loaded = parse_scenario(scenario.dump(), "test.json", source_folder() / "scenarios");
    CAPTURE(row.patch, loaded.problems);
    REQUIRE(loaded.problems.size() == 1);
    CHECK(loaded.problems[0].path == "$.profile" + row.path);
    CHECK_THAT(loaded.problems[0].message, Catch::Contains(row.message));
}

TEST_CASE("Mistakes in a profile's file are reported under that file", "[scenario]")
{
    const auto folder = std::filesystem::temp_directory_path() / "wsrace_profile_test";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "odd.json") << R"({"name": "odd", "extends": "netra", "carrier": "smoke"})";
    std::ofstream(folder / "ring_a.json") << R"({"name": "a", "extends": "ring_b"})";
    std::ofstream(folder / "ring_b.json") << R"({"name": "b", "extends": "ring_a"})";
    std::ofstream(folder / "nameless.json") << R"({"extends": "netra"})";
    const auto problem_of = [&](const std::string& profile) {
        std::vector<Problem> problems;
        CHECK_FALSE(load_profile(profile, {folder, source_folder() / "profiles"}, problems));
        REQUIRE(problems.size() == 1);
        return problems[0];
    };
    CHECK(problem_of("odd").file == (folder / "odd.json").string());
    CHECK(problem_of("odd").path == "$.carrier");
    CHECK(problem_of((folder / "odd.json").string()).path == "$.carrier");
    CHECK_THAT(problem_of("ring_a").message, Catch::Contains("extends itself"));
    CHECK(problem_of("ring_a").file == (folder / "ring_b.json").string());
    CHECK_THAT(problem_of("nameless").message, Catch::Contains("\"name\" is missing"));
    CHECK_THAT(problem_of("nothing").message, Catch::Contains("known: nameless, netra, netra_mint"));
    std::filesystem::remove_all(folder);
}
