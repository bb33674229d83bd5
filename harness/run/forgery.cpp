#include "run/forgery.hpp"

#include "run/token.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <random>

namespace wsrace {

namespace {

using Json = nlohmann::json;

constexpr std::string_view other_key = "a key that the target does not know";

constexpr int deepest_claims = 32; // writing JSON recurses: who nests deeper means harm

Json claims_of(std::string_view genuine, std::int64_t now)
{
    bool too_deep = false;
    const auto look = [&](int depth, Json::parse_event_t, Json&) {
        too_deep = too_deep || depth > deepest_claims;
        return !too_deep;
    };
    Json claims = Json::parse(claims_text(genuine), look, false);
    if (claims.is_object() && !too_deep) return claims;
    return {{"sub", "nobody"}, {"type", "access"}, {"iat", now}, {"exp", now + 900}};
}

bool asks_for_secret(const Scenario& scenario)
{
    const auto asks = [](const std::vector<std::vector<StepSpec>>& journeys) {
        return std::any_of(journeys.begin(), journeys.end(), [](const auto& journey) {
            return std::any_of(journey.begin(), journey.end(),
                               [](const StepSpec& step) { return needs_secret(step.credential); });
        });
    };
    return asks(scenario.journeys) ||
           std::any_of(scenario.behaviours.begin(), scenario.behaviours.end(),
                       [&](const BehaviourSpec& behaviour) { return asks(behaviour.journeys); });
}

} // namespace

std::string forge_token(Credential kind, std::string_view genuine, std::string_view secret,
                        std::chrono::system_clock::time_point now)
{
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    auto claims = claims_of(genuine, seconds);
    switch (kind) {
    case Credential::own:
    case Credential::shared_ticket: return std::string{genuine};
    case Credential::missing: return {};
    case Credential::malformed: {
        const auto whole = sign_claims(claims.dump(), other_key);
        return whole.substr(0, whole.rfind('.'));
    }
    case Credential::expired:
        claims["iat"] = seconds - 7200;
        claims["exp"] = seconds - 3600;
        return sign_claims(claims.dump(), secret);
    case Credential::wrong_key: return sign_claims(claims.dump(), other_key);
    case Credential::alg_none: return unsigned_token(claims.dump());
    case Credential::other_audience: break;
    }
    claims["aud"] = "wsrace-another-service";
    return sign_claims(claims.dump(), secret);
}

std::string provide_signing_secret(const Scenario& scenario)
{
    const auto& variable = scenario.profile.login.secret_env;
    if (!asks_for_secret(scenario)) return {};
    const auto* const given = variable.empty() ? nullptr : std::getenv(variable.c_str());
    if (given != nullptr && *given != '\0') return {};
    if (!scenario.target.server || variable.empty())
        return fmt::format(
            "tokens that are \"expired\" or for \"other_audience\" are signed with the target's own "
            "secret; set the environment variable {} to it, or leave these two out",
            variable.empty() ? "that login.secret_env names" : variable);
    std::random_device random;
    std::string secret;
    for (int i = 0; i < 8; ++i) secret += fmt::format("{:08x}", random());
    ::setenv(variable.c_str(), secret.c_str(), 1);
    return {};
}

} // namespace wsrace
