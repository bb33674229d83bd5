#include "run/login.hpp"

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

LoginResult failed(Outcome outcome, int status, std::string error, std::string retry_after = {})
{
    return {.outcome = outcome,
            .status = status,
            .error = std::move(error),
            .retry_after = std::move(retry_after),
            .token = {},
            .user_id = {}};
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

LoginResult read_token_body(const HttpAnswer& answer, const std::string& path)
{
    const auto json = Json::parse(answer.body, nullptr, false);
    if (!json.is_object() || !json.contains("access_token") || !json["access_token"].is_string())
        return failed(Outcome::protocol_error, answer.status,
                      fmt::format("{}: the answer has no access_token", path));
    LoginResult result;
    result.status = answer.status;
    result.token = json["access_token"].get<std::string>();
    result.user_id = subject_of(result.token);
    const auto id = json.value("/user/id"_json_pointer, Json{});
    if (id.is_string()) result.user_id = id.get<std::string>();
    return result;
}

LoginResult refused(const HttpAnswer& answer, const std::string& path)
{
    if (answer.outcome != Outcome::ok)
        return failed(answer.outcome, 0, fmt::format("{}: {}", path, answer.error));
    return failed(Outcome::http_status, answer.status, fmt::format("{}: HTTP {}", path, answer.status),
                  answer.retry_after);
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
            result = refused(registered, call.path);
            co_return result;
        }
    }
    call.path = login.login_path;
    call.body = credentials.dump();
    const auto answer = co_await http.call(call, deadline);
    const auto accepted = answer.outcome == Outcome::ok && answer.status == 200;
    if (accepted)
        result = read_token_body(answer, call.path);
    else
        result = refused(answer, call.path);
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
    LoginResult result;
    if (answer.outcome != Outcome::ok || answer.status != 200) {
        result = refused(answer, call.path);
        co_return result;
    }
    const auto json = Json::parse(answer.body, nullptr, false);
    const auto has_ticket = json.is_object() && json.contains("ticket_id") && json["ticket_id"].is_string();
    if (has_ticket)
        result.token = json["ticket_id"].get<std::string>();
    else
        result = failed(Outcome::protocol_error, answer.status, call.path + ": the answer has no ticket_id");
    co_return result;
}

} // namespace wsrace
