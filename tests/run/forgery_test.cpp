#include "run/forgery.hpp"

#include "run/token.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>

using namespace wsrace;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr auto variable = "WSRACE_TEST_FORGERY_SECRET";
const std::string secret = "the target's secret";
const std::chrono::system_clock::time_point now{1'800'000'000s};

std::string genuine()
{
    return mint_token({.subject = "u-1",
                       .email = "u@example.org",
                       .issuer = "target",
                       .audience = "api",
                       .id = "j-1",
                       .issued = now,
                       .lifetime = 15min},
                      secret);
}

json claims(const std::string& token) { return json::parse(claims_text(token)); }

// The scenario has one connection that brings such a token.
Scenario bringing(Credential credential)
{
    Scenario scenario;
    StepSpec connect;
    connect.action = Action::connect;
    connect.credential = credential;
    scenario.journeys = {{connect}};
    scenario.profile.login.secret_env = variable;
    return scenario;
}

} // namespace

TEST_CASE("A forged token is the user's own but for what makes it one")
{
    for (const Credential kind : {Credential::expired, Credential::wrong_key, Credential::alg_none,
                                  Credential::other_audience, Credential::malformed}) {
        CAPTURE(name(kind));
        const auto forged = forge_token(kind, genuine(), secret, now);
        CHECK(forged != genuine());
        CHECK(subject_of(forged) == (kind == Credential::malformed ? "" : "u-1"));
    }
    CHECK(forge_token(Credential::missing, genuine(), secret, now).empty());
}

TEST_CASE("Each forgery has the one fault that it is named after")
{
    const auto signed_well = [](const std::string& token) {
        return token == sign_claims(claims_text(token), secret);
    };
    const auto expired = forge_token(Credential::expired, genuine(), secret, now);
    CHECK(signed_well(expired));
    CHECK(claims(expired)["exp"].get<std::int64_t>() < 1'800'000'000);
    CHECK(claims(expired)["aud"] == "api");
    const auto other = forge_token(Credential::other_audience, genuine(), secret, now);
    CHECK(signed_well(other));
    CHECK(claims(other)["aud"] != "api");
    CHECK(claims(other)["exp"] == claims(genuine())["exp"]);
    const auto wrong_key = forge_token(Credential::wrong_key, genuine(), secret, now);
    CHECK_FALSE(signed_well(wrong_key));
    CHECK(claims(wrong_key) == claims(genuine()));
    const auto unsigned_one = forge_token(Credential::alg_none, genuine(), secret, now);
    CHECK(unsigned_one.ends_with('.'));
    CHECK(claims(unsigned_one) == claims(genuine()));
    const auto malformed = forge_token(Credential::malformed, genuine(), secret, now);
    CHECK(std::count(malformed.begin(), malformed.end(), '.') == 1);
}

TEST_CASE("A token that is no JSON Web Token is forged from nothing")
{
    const auto forged = forge_token(Credential::wrong_key, "opaque-0123", secret, now);
    CHECK(claims(forged).contains("exp"));
}

TEST_CASE("A supervised target shares a secret with the harness, a deployed one has its own")
{
    ::unsetenv(variable);
    auto scenario = bringing(Credential::expired);
    CHECK_THAT(provide_signing_secret(scenario), Catch::Contains(variable));
    CHECK(std::getenv(variable) == nullptr);
    scenario.target.server.emplace();
    CHECK(provide_signing_secret(scenario).empty());
    REQUIRE(std::getenv(variable) != nullptr);
    const std::string drawn = std::getenv(variable);
    CHECK(drawn.size() == 64);
    CHECK(provide_signing_secret(scenario).empty());
    CHECK(std::getenv(variable) == drawn);
    ::unsetenv(variable);
    CHECK(provide_signing_secret(bringing(Credential::wrong_key)).empty());
    CHECK(std::getenv(variable) == nullptr);
}

TEST_CASE("A token with claims that nest without end does not exhaust the stack")
{
    const std::size_t levels = 200'000;
    const auto claims = R"({"sub":"u-1","x":)" + std::string(levels, '[') + std::string(levels, ']') + "}";
    const auto forged = forge_token(Credential::wrong_key, sign_claims(claims, "secret"), "secret", {});
    CHECK(subject_of(forged) == "nobody");
}
