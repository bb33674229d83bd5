#include "run/login.hpp"

#include "run/login_answer.hpp"
#include "run/message.hpp"
#include "run/token.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdlib>

namespace wsrace {

namespace {

using Json = nlohmann::json;

std::string environment(const std::string& name)
{
    const auto* const value = name.empty() ? nullptr : std::getenv(name.c_str());
    return value == nullptr ? std::string{} : std::string{value};
}

std::string user_name(const LoginRequest& request, const std::string& pattern)
{
    return fill_in(pattern, {{"user", std::to_string(request.user.value)}, {"run", to_string(request.run)}});
}

std::string password_of(const LoginRequest& request)
{
    const auto given = environment(request.profile.login.password_env);
    if (!given.empty()) return given;
    return fmt::format("Pw-{}-{}", to_string(request.run), request.user.value);
}

LoginResult mint(const LoginRequest& request)
{
    const auto& login = request.profile.login;
    const auto subject = fmt::format("wsrace-{}-{}", to_string(request.run), request.user.value);
    const TokenClaims claims{.subject = subject,
                             .email = user_name(request, login.email),
                             .issuer = login.issuer,
                             .audience = login.audience,
                             .id = subject,
                             .issued = std::chrono::system_clock::now(),
                             .lifetime = login.token_lifetime};
    LoginResult result;
    result.token = mint_token(claims, environment(login.secret_env));
    result.user_id = subject;
    return result;
}

} // namespace

std::string missing_credentials(const Profile& profile)
{
    const auto& login = profile.login;
    if (login.kind == LoginKind::mint && environment(login.secret_env).empty())
        return fmt::format(
            "profile \"{}\" mints tokens with the secret in the environment variable {}, which is not set",
            profile.name, login.secret_env);
    if (login.kind == LoginKind::token && environment(login.token_env).empty())
        return fmt::format(
            "profile \"{}\" takes its token from the environment variable {}, which is not set", profile.name,
            login.token_env);
    return {};
}

std::string signing_secret(const Profile& profile) { return environment(profile.login.secret_env); }

Task<LoginResult> log_in(LoginRequest request, HttpClient& http, Clock::time_point deadline)
{
    const auto& login = request.profile.login;
    LoginResult result;
    if (login.kind == LoginKind::none) co_return result;
    if (login.kind == LoginKind::mint) {
        result = mint(request);
        co_return result;
    }
    if (login.kind == LoginKind::token) {
        result.token = environment(login.token_env);
        result.user_id = subject_of(result.token);
        co_return result;
    }

    const Json credentials{{"email", user_name(request, login.email)}, {"password", password_of(request)}};
    HttpCall call;
    if (!login.register_path.empty()) {
        auto registration = credentials;
        registration["name"] = fmt::format("user {}", request.user.value);
        call.path = login.register_path;
        call.body = registration.dump();
        const auto registered = co_await http.call(call, deadline);
        const auto exists = registered.outcome == Outcome::ok && registered.status == 409;
        if (!exists && (registered.outcome != Outcome::ok || registered.status / 100 != 2)) {
            result = refused_login(registered, call.path);
            co_return result;
        }
    }
    call.path = login.login_path;
    call.body = credentials.dump();
    const auto answer = co_await http.call(call, deadline);
    result = token_of(answer, call.path);
    co_return result;
}

Task<LoginResult> fetch_ticket(LoginRequest request, HttpClient& http, std::string token,
                               Clock::time_point deadline)
{
    HttpCall call;
    call.path = request.profile.login.ticket_path;
    call.body = R"({"ttl_seconds":60,"single_use":true})";
    call.bearer = std::move(token);
    const auto answer = co_await http.call(call, deadline);
    auto result = ticket_of(answer, call.path);
    co_return result;
}

} // namespace wsrace
