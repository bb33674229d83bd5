#include "reference_server/auth.hpp"
#include "reference_server/clock.hpp"
#include "reference_server/http_api.hpp"
#include "reference_server/json_fields.hpp"

#include <fmt/format.h>

namespace wsrace::reference {

namespace json = boost::json;

namespace {

HttpReply token_reply(const Options& options, const TokenPair& pair)
{
    return json_reply(200, {{"access_token", pair.access_token},
                            {"refresh_token", pair.refresh_token},
                            {"token_type", "Bearer"},
                            {"expires_in", options.access_ttl.count()},
                            {"user", {{"id", pair.user.id}, {"email", pair.user.email}}}});
}

HttpReply missing_field(std::string_view name)
{
    return error_reply(422, "missing_field", fmt::format("\"{}\" must be a string that is not empty", name));
}

HttpReply answer_register(AuthStore& store, const Options& options, const json::object& body)
{
    for (const auto* name : {"email", "password", "name"}) {
        if (string_field(body, name).empty()) return missing_field(name);
    }
    const auto pair = store.register_user(string_field(body, "email"), string_field(body, "password"));
    if (!pair) return error_reply(409, "user_exists", "this address is registered already");
    return token_reply(options, *pair);
}

HttpReply answer_login(AuthStore& store, const Options& options, const json::object& body)
{
    for (const auto* name : {"email", "password"}) {
        if (string_field(body, name).empty()) return missing_field(name);
    }
    const auto pair = store.login(string_field(body, "email"), string_field(body, "password"));
    if (!pair) return error_reply(401, "invalid_credentials", "unknown user or wrong password");
    return token_reply(options, *pair);
}

HttpReply answer_refresh(AuthStore& store, const Options& options, const json::object& body)
{
    const auto token = string_field(body, "refresh_token");
    if (token.empty()) return missing_field("refresh_token");
    const auto pair = store.refresh(token);
    if (!pair) return error_reply(401, "invalid_token", "the refresh token is not accepted");
    return token_reply(options, *pair);
}

HttpReply answer_validate(AuthStore& store, const json::object& body)
{
    const auto token = string_field(body, "token");
    if (token.empty()) return missing_field("token");
    const auto verification = store.check(token);
    if (!verification.claims) {
        return json_reply(
            200, {{"valid", false}, {"error", verification.error}, {"message", verification.message}});
    }
    const auto& claims = *verification.claims;
    return json_reply(200,
                      {{"valid", true},
                       {"user_id", claims.subject},
                       {"email", claims.email},
                       {"permissions", json::array(claims.permissions.begin(), claims.permissions.end())},
                       {"expires_at", iso8601(claims.expires_at)}});
}

HttpReply answer_ticket(AuthStore& store, const HttpRequest& request, const json::object& body)
{
    const auto verification = store.check(bearer_token(request));
    if (!verification.claims) return error_reply(401, verification.error, verification.message);
    constexpr int invalid = 0;
    const auto ttl = body.contains("ttl_seconds") ? int_field(body, "ttl_seconds", 1, 3600, invalid) : 30;
    if (ttl == invalid) return error_reply(422, "invalid_field", "\"ttl_seconds\" must be from 1 to 3600");
    const auto* single = body.if_contains("single_use");
    if (single != nullptr && !single->is_bool()) {
        return error_reply(422, "invalid_field", "\"single_use\" must be true or false");
    }
    const bool single_use = single == nullptr || single->get_bool();
    const Identity owner{.user_id = verification.claims->subject, .email = verification.claims->email};
    const auto ticket = store.tickets().issue(owner, std::chrono::seconds{ttl}, single_use);
    const auto url =
        fmt::format("{}://{}/ws?ticket={}", request.encrypted ? "wss" : "ws", request.host, ticket.id);
    return json_reply(200, {{"ticket_id", ticket.id},
                            {"expires_at", iso8601(ticket.expires_at)},
                            {"single_use", single_use},
                            {"websocket_url", url}});
}

} // namespace

std::optional<HttpReply> answer_auth(AuthStore& store, const Options& options, const HttpRequest& request)
{
    const bool wants_ticket = request.path == "/api/websocket/ticket";
    const auto body = wants_ticket && request.body.empty() ? json::object{} : parse_object(request.body);
    if (!body) return error_reply(422, "invalid_body", "the body must be a JSON object");
    if (wants_ticket) return answer_ticket(store, request, *body);
    if (request.path == "/auth/register") return answer_register(store, options, *body);
    if (request.path == "/auth/login") return answer_login(store, options, *body);
    if (request.path == "/auth/refresh") return answer_refresh(store, options, *body);
    if (request.path == "/auth/validate") return answer_validate(store, *body);
    return std::nullopt;
}

} // namespace wsrace::reference
