// What a login's answer means, whatever the target says.
#include "run/login_answer.hpp"
#include "run/token.hpp"

#include <catch2/catch.hpp>

using namespace wsrace;

namespace {

HttpAnswer answered(int status, std::string body)
{
    HttpAnswer answer;
    answer.status = status;
    answer.body = std::move(body);
    return answer;
}

} // namespace

TEST_CASE("A login gives the token, and the user as the target names it")
{
    const auto token = sign_claims(R"({"sub":"u-3"})", "secret");
    const auto plain = token_of(answered(200, R"({"access_token":")" + token + R"("})"), "/login");
    CHECK(plain.outcome == Outcome::ok);
    CHECK(plain.status == 200);
    CHECK(plain.token == token);
    CHECK(plain.user_id == "u-3");
    const auto named = R"({"access_token":")" + token + R"(","user":{"id":"u-4"}})";
    CHECK(token_of(answered(200, named), "/login").user_id == "u-4");
    CHECK(ticket_of(answered(200, R"({"ticket_id":"tk-1"})"), "/ticket").token == "tk-1");
}

TEST_CASE("A token that cannot be used is none")
{
    const auto* const token = GENERATE("", "a b", "a\\r\\nX-Injected: 1", "caf\xC3\xA9", "\\u0000");
    const auto body = std::string{R"({"access_token":")"} + token + R"(","ticket_id":")" + token + R"("})";
    for (const auto& result :
         {token_of(answered(200, body), "/login"), ticket_of(answered(200, body), "/t")}) {
        CHECK(result.outcome == Outcome::protocol_error);
        CHECK(result.token.empty());
        CHECK_FALSE(result.error.empty());
    }
}

TEST_CASE("An answer without a token says so")
{
    const auto* const body = GENERATE("", "[]", "{", "{}", R"({"access_token":7})", "null", R"("text")");
    const auto result = token_of(answered(200, body), "/login");
    CHECK(result.outcome == Outcome::protocol_error);
    CHECK(result.error == "/login: the answer has no access_token");
}

TEST_CASE("A refusal keeps its status and when to come again")
{
    auto busy = answered(503, R"({"access_token":"t"})");
    busy.retry_after = "3";
    const auto result = token_of(busy, "/login");
    CHECK(result.outcome == Outcome::http_status);
    CHECK(result.status == 503);
    CHECK(result.retry_after == "3");
    HttpAnswer lost;
    lost.outcome = Outcome::reset;
    lost.error = "reset by peer";
    CHECK(ticket_of(lost, "/t").outcome == Outcome::reset);
    CHECK(ticket_of(lost, "/t").error == "/t: reset by peer");
}
