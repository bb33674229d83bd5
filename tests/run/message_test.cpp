#include "run/message.hpp"
#include "run/retry_after.hpp"
#include "run/token.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace wsrace;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

StepSpec asking(std::string text, std::string message = {})
{
    StepSpec step;
    step.action = Action::request;
    step.text = std::move(text);
    step.message = std::move(message);
    return step;
}

} // namespace

TEST_CASE("Requests carry their text, thread and settings in the form that the profile asks for")
{
    Profile profile;
    auto step = asking("hello {canary} of {user}");
    step.thread = "t-{user}";
    step.settings = R"({"tool":"x"})";
    const Placeholders placeholders{{"canary", "C"}, {"user", "7"}};
    const auto nested = json::parse(fill_in(request_template(profile, step), placeholders));
    CHECK(nested["type"] == "start_agent");
    CHECK(nested["payload"]["user_request"] == "hello C of 7");
    CHECK(nested["payload"]["thread_id"] == "t-7");
    CHECK(nested["payload"]["settings"]["tool"] == "x");
    profile.flat_fields = true;
    CHECK(json::parse(fill_in(request_template(profile, step), placeholders))["user_request"] ==
          "hello C of 7");
    const auto chat = json::parse(request_template(profile, asking("a\"b\n", "chat")));
    CHECK(chat["type"] == "chat");
    CHECK(chat["content"] == "a\"b\n");
    CHECK(chat["thread_id"].is_null());
    CHECK(json::parse(request_template(profile, asking("x", "user_message"))).contains("references"));
}

TEST_CASE("A placeholder's value that looks like a placeholder is left alone")
{
    CHECK(fill_in("{a}{a}", {{"a", "{a}"}}) == "{a}{a}");
    CHECK(fill_in("{{a}} {b} {a", {{"a", "1"}}) == "{1} {b} {a");
    CHECK(fill_in("", {}).empty());
}

TEST_CASE("Pings and stops are messages of the protocol")
{
    const Profile profile;
    CHECK(json::parse(ping_message(profile, 3)) == json{{"type", "ping"}, {"payload", {{"timestamp", 3}}}});
    CHECK(json::parse(stop_message(profile, "r-1")) ==
          json{{"type", "stop_agent"}, {"payload", {{"run_id", "r-1"}}}});
}

TEST_CASE("A minted token is the one that RFC 7519's algorithm gives")
{
    TokenClaims claims;
    claims.subject = "u-1";
    claims.email = "a@b";
    claims.id = "j";
    claims.issued = std::chrono::system_clock::time_point{std::chrono::seconds{1'000}};
    claims.lifetime = 60s;
    const auto token = mint_token(claims, "secret");
    CHECK(subject_of(token) == "u-1");
    // Made independently: python3, hmac.new(b"secret", ..., sha256).
    CHECK(token == "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
                   "eyJlbWFpbCI6ImFAYiIsImV4cCI6MTA2MCwiaWF0IjoxMDAwLCJqdGkiOiJqIiwicGVybWlzc2lvbnMiOlsiY2hhd"
                   "CJdLCJzdWIiOiJ1LTEiLCJ0eXBlIjoiYWNjZXNzIn0.-X3hbVy9joMi87l0qQneeliZtQ_BBaqF6BBzB9hTR48");
    claims.audience = "x";
    CHECK(mint_token(claims, "secret") != token);
    CHECK(subject_of("not a token").empty());
    CHECK(subject_of("a.b.c").empty());
}

TEST_CASE("Retry-After is a number of seconds, or ignored")
{
    CHECK(parse_retry_after("2") == 2s);
    CHECK(parse_retry_after("0") == 0s);
    for (const auto* const text : {"", "soon", "-1", "1.5", "999999", "Wed, 21 Oct 2026 07:28:00 GMT"})
        CHECK_FALSE(parse_retry_after(text));
}
