#include "scenario/explain.hpp"
#include "scenario/meetings.hpp"
#include "scenario/reading.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;
using namespace std::chrono_literals;

namespace {

const std::string journey =
    R"("users": {"count": 6, "connections": 2}, "journey": ["login", "connect", "await_welcome",
       {"request": {"text": "{canary}"}}, "await_events", "close", "reconnect", "ping", "drop"])";

LoadedScenario with_constraints(const std::string& constraints)
{
    return parse_patched("{" + journey + R"(, "constraints": [)" + constraints + "]}");
}

std::vector<BoundUsers> bound(ConstraintEnd::Users step, ConstraintEnd::Users after, std::uint32_t users,
                              std::uint32_t step_user = 0, std::uint32_t after_user = 0)
{
    Constraint constraint;
    constraint.step.users = step;
    constraint.step.user = step_user;
    constraint.after.users = after;
    constraint.after.user = after_user;
    return bound_users(constraint, users);
}

} // namespace

TEST_CASE("A constraint names two steps, whose they are, and the gap", "[scenario][gates]")
{
    const auto loaded = with_constraints(R"(
        {"step": {"at": "connect", "users": "odd", "occurrence": 2},
         "after": {"at": "event:3", "users": "previous", "connection": 1},
         "gap": {"uniform": ["1ms", "9ms"]}, "within": "2s", "tolerance": "500us"},
        {"step": {"at": "upgrade_sent", "users": 3}, "after": {"at": "first_event", "users": 0},
         "gap": "0ms"})");
    CAPTURE(loaded.problems);
    REQUIRE(loaded.scenario);
    const auto& first = loaded.scenario->constraints.at(0);
    CHECK(first.step.users == ConstraintEnd::Users::odd);
    CHECK(first.step.occurrence == 2);
    CHECK(first.after.at == Moment{.kind = Moment::Kind::event, .action = Action::request, .event = 3});
    CHECK(first.after.connection == 1);
    CHECK(first.gap.high == 9ms);
    CHECK(first.within == 2s);
    const auto& second = loaded.scenario->constraints.at(1);
    CHECK(second.step.user == 3);
    CHECK(second.after.at.event == 1);
    CHECK(second.tolerance == 1ms);
    const auto& expected = loaded.scenario->expectations.constraints;
    CHECK(expected.at(0).text == "constraint 0: connect no. 2 1 ms to 9 ms after event:3");
    CHECK(expected.at(0).tolerance == 500us);
    const auto text = explain(*loaded.scenario);
    CHECK_THAT(text, Catch::Contains("odd users after the previous user, connection 1, 2 s for that"));
    CHECK_THAT(text,
               Catch::Contains("constraint 1: upgrade_sent 0 s after first_event; user 3 after user 0"));
}

TEST_CASE("Who waits for whom", "[scenario][gates]")
{
    using Users = ConstraintEnd::Users;
    using Bound = std::vector<BoundUsers>;
    CHECK(bound(Users::odd, Users::previous, 5) == Bound{{1, 0}, {3, 2}});
    CHECK(bound(Users::even, Users::next, 5) == Bound{{0, 1}, {2, 3}});
    CHECK(bound(Users::all, Users::previous, 3) == Bound{{1, 0}, {2, 1}});
    CHECK(bound(Users::all, Users::same, 2) == Bound{{0, 0}, {1, 1}});
    CHECK(bound(Users::all, Users::one, 3, 0, 1) == Bound{{0, 1}, {2, 1}});
    CHECK(bound(Users::one, Users::one, 3, 2, 0) == Bound{{2, 0}});
    CHECK(bound(Users::one, Users::one, 3, 1, 1) == Bound{{1, 1}});
    CHECK(bound(Users::odd, Users::previous, 1).empty());
}

TEST_CASE("A constraint that could not be kept is a mistake", "[scenario][gates]")
{
    struct Row {
        std::string constraint;
        std::string path;
        std::string message;
    };
    const Row row = GENERATE(values<Row>({
        {R"({"after": {"at": "close", "users": "previous"}, "gap": "1ms"})", "", "\"step\" is missing"},
        {R"({"step": {"at": "connect"}, "gap": "1ms"})", "", "\"after\" is missing"},
        {R"({"step": {"at": "connect"}, "after": {"at": "close", "users": "previous"}})", "",
         "\"gap\" is missing"},
        {R"({"step": {"at": "answered"}, "after": {"at": "close", "users": "previous"}, "gap": "1ms"})",
         ".step.at", "unknown step \"answered\""},
        {R"({"step": {"at": "ping"}, "after": {"at": "await_welcome", "users": "previous"}, "gap": "1ms"})",
         ".after.at", "unknown step \"await_welcome\""},
        {R"({"step": {"at": "ping"}, "after": {"at": "event:0", "users": "previous"}, "gap": "1ms"})",
         ".after.at", "event:3"},
        {R"({"step": {"at": "ping"}, "after": {"at": "close"}, "gap": "1ms"})", ".after",
         "\"users\" is missing"},
        {R"({"step": {"at": "ping", "users": "od"},
           "after": {"at": "close", "users": "next"}, "gap": "1ms"})",
         ".step.users", "did you mean \"odd\"?"},
        {R"({"step": {"at": "ping"}, "after": {"at": "close", "users": "odd"}, "gap": "1ms"})",
         ".after.users", "previous"},
        {R"({"step": {"at": "ping", "users": 6}, "after": {"at": "close", "users": "next"}, "gap": "1ms"})",
         ".step.users", "found 6"},
        {R"({"step": {"at": "ping", "connection": 2},
           "after": {"at": "close", "users": "next"}, "gap": "1ms"})",
         ".step.connection", "found 2"},
        {R"({"step": {"at": "stop"}, "after": {"at": "close", "users": "next"}, "gap": "1ms"})", ".step.at",
         "connection 0 never gets to \"stop\""},
        {R"({"step": {"at": "ping"},
           "after": {"at": "connect", "users": "next", "occurrence": 3}, "gap": "1ms"})",
         ".after.at", "\"connect\" 2 times only"},
        {R"({"step": {"at": "ping", "users": 5}, "after": {"at": "close", "users": "next"}, "gap": "1ms"})",
         "", "binds nobody"},
        {R"({"step": {"at": "login"}, "after": {"at": "close", "users": "previous"}, "gap": "1ms"})", "",
         "gate 0 holds connections at the same step"},
        {R"({"step": {"at": "ping"}, "after": {"at": "close", "users": "previous"}, "gap": "6m"})", ".gap",
         "less than the deadline \"total\""},
        {R"({"step": {"at": "ping"}, "after": {"at": "close", "users": "previous"}, "gap": 1})", ".gap",
         "duration"},
    }));
    CAPTURE(row.constraint);
    const auto loaded = parse_patched("{" + journey + R"(, "gates": [{"at": "login"}], "constraints": [)" +
                                      row.constraint + "]}");
    CAPTURE(loaded.problems);
    REQUIRE(loaded.problems.size() == 1);
    CHECK(loaded.problems[0].path == "$.constraints[0]" + row.path);
    CHECK_THAT(loaded.problems[0].message, Catch::Contains(row.message));
}

TEST_CASE("Waits that can never end are a mistake, by the order of journeys, too", "[scenario][gates]")
{
    const std::string constraints = GENERATE(
        as<std::string>{},
        // A step after itself, after a later one of the same connection, and after what only it can cause.
        R"({"step": {"at": "ping"}, "after": {"at": "ping", "users": "same"}, "gap": "0ms"})",
        R"({"step": {"at": "request"}, "after": {"at": "close", "users": "same"}, "gap": "0ms"})",
        R"({"step": {"at": "request"}, "after": {"at": "first_event", "users": "same"}, "gap": "0ms"})",
        R"({"step": {"at": "upgrade_sent"}, "after": {"at": "answered", "users": "same"}, "gap": "0ms"})",
        R"({"step": {"at": "close"}, "after": {"at": "ended", "users": "same"}, "gap": "0ms"})",
        // Two users who wait for each other, one of them by way of its journey.
        R"({"step": {"at": "connect", "users": 0}, "after": {"at": "close", "users": 1}, "gap": "0ms"},
           {"step": {"at": "request", "users": 1}, "after": {"at": "welcome", "users": 0}, "gap": "0ms"})",
        // Around all users.
        R"({"step": {"at": "connect"}, "after": {"at": "close", "users": "previous"}, "gap": "0ms"},
           {"step": {"at": "connect", "users": 0}, "after": {"at": "close", "users": 5}, "gap": "0ms"})");
    const auto loaded = with_constraints(constraints);
    CAPTURE(constraints, loaded.problems);
    REQUIRE(loaded.problems.size() == 1);
    CHECK_THAT(loaded.problems[0].message, Catch::Contains("can never be kept"));
    CHECK_THAT(loaded.problems[0].message, Catch::Contains("user 0") || Catch::Contains("user 1"));
}

TEST_CASE("Waits that end are none", "[scenario][gates]")
{
    const std::string constraints = GENERATE(
        as<std::string>{},
        R"({"step": {"at": "connect"}, "after": {"at": "close", "users": "previous"}, "gap": "0ms"})",
        R"({"step": {"at": "connect", "occurrence": 2},
           "after": {"at": "ended", "users": "same"}, "gap": "5ms"})",
        R"({"step": {"at": "request"}, "after": {"at": "answered", "users": "same"}, "gap": "5ms"})",
        R"({"step": {"at": "close"},
           "after": {"at": "event:3", "users": "same", "connection": 1}, "gap": "5ms"})",
        R"({"step": {"at": "connect", "users": "odd"},
           "after": {"at": "upgrade_sent", "users": "previous"}, "gap": "0ms"},
           {"step": {"at": "ping", "users": "even"},
            "after": {"at": "ping", "users": "next"}, "gap": "0ms"})");
    const auto loaded = with_constraints(constraints);
    CAPTURE(constraints, loaded.problems);
    CHECK(loaded.problems.empty());
}

TEST_CASE("A gate and a constraint can make a circle together", "[scenario][gates]")
{
    const std::string constraint =
        R"({"step": {"at": "connect", "users": "odd"},
           "after": {"at": "ping", "users": "previous"}, "gap": "0ms"})";
    const auto gated = [&](const std::string& gate) {
        return parse_patched("{" + journey + R"(, "gates": [)" + gate + R"(], "constraints": [)" +
                             constraint + "]}");
    };
    // Who is to connect last must be at the gate first. Behind the reconnect nobody has to wait.
    REQUIRE(gated(R"({"at": "upgrade_sent"})").problems.size() == 1);
    CHECK_THAT(gated(R"({"at": "upgrade_sent"})").problems[0].message,
               Catch::Contains("constraint 0, gate 0") || Catch::Contains("gate 0, constraint 0"));
    CHECK(gated(R"({"at": "drop"})").problems.empty());
}
