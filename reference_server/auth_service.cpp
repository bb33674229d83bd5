#include "reference_server/auth_service.hpp"

#include "reference_server/http_api.hpp"
#include "reference_server/json_fields.hpp"

namespace wsrace::reference {

namespace json = boost::json;

namespace {

constexpr std::string_view login_call = "login";
constexpr std::string_view identify_call = "identify";

json::object answer_login_call(AuthStore& store, const Options& options, const json::object& question)
{
    HttpRequest request;
    request.method = "POST";
    request.path = string_field(question, "path");
    request.authorization = string_field(question, "authorization");
    request.host = string_field(question, "host");
    request.body = string_field(question, "body");
    request.encrypted = question.contains("encrypted");
    const auto reply = answer_auth(store, options, request);
    if (!reply) return {{"status", 404}};
    return {{"status", reply->status}, {"body", reply->body}};
}

json::object answer_identify_call(AuthStore& store, const json::object& question)
{
    const Credentials credentials{.token = string_field(question, "token"),
                                  .ticket = string_field(question, "ticket")};
    const auto identity = store.identify(credentials);
    if (!identity) return {{"admitted", false}};
    return {{"admitted", true}, {"user_id", identity->user_id}, {"email", identity->email}};
}

} // namespace

json::object login_question(const HttpRequest& request)
{
    json::object question{{"call", login_call},
                          {"path", request.path},
                          {"authorization", request.authorization},
                          {"host", request.host},
                          {"body", request.body}};
    if (request.encrypted) question["encrypted"] = true;
    return question;
}

std::optional<HttpReply> login_answer(const json::object& said)
{
    const auto status = int_field(said, "status", 200, 599, 404);
    if (!said.contains("body")) return std::nullopt;
    return HttpReply{
        .status = static_cast<unsigned>(status), .body = string_field(said, "body"), .retry_after = {}};
}

json::object identity_question(const Credentials& credentials)
{
    return {{"call", identify_call}, {"token", credentials.token}, {"ticket", credentials.ticket}};
}

std::optional<Identity> identity_answer(const json::object& said)
{
    auto user_id = string_field(said, "user_id");
    if (user_id.empty()) return std::nullopt;
    return Identity{.user_id = std::move(user_id), .email = string_field(said, "email")};
}

json::object answer_auth_call(AuthStore& store, const Options& options, const json::object& question)
{
    const auto call = string_field(question, "call");
    if (call == login_call) return answer_login_call(store, options, question);
    if (call == identify_call) return answer_identify_call(store, question);
    return {{"error", "this call is not known; expected ping, login or identify"}};
}

} // namespace wsrace::reference
