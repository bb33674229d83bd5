#include "run/login_answer.hpp"

#include "run/token.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace wsrace {

namespace {

using Json = nlohmann::json;

LoginResult failed(Outcome outcome, int status, std::string error, std::string retry_after = {})
{
    return {.outcome = outcome,
            .status = status,
            .error = std::move(error),
            .retry_after = std::move(retry_after),
            .token = {},
            .user_id = {}};
}

bool fits_header(std::string_view token)
{
    return std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

// The credential that stands in this field.
LoginResult credential_of(const Json& json, const char* field, int status, const std::string& path)
{
    if (!json.is_object() || !json.contains(field) || !json[field].is_string())
        return failed(Outcome::protocol_error, status, fmt::format("{}: the answer has no {}", path, field));
    LoginResult result;
    result.status = status;
    result.token = json[field].get<std::string>();
    if (result.token.empty())
        return failed(Outcome::protocol_error, status, fmt::format("{}: its {} is empty", path, field));
    if (!fits_header(result.token))
        return failed(Outcome::protocol_error, status,
                      fmt::format("{}: its {} has characters that no header can carry; expected printable "
                                  "ASCII without blanks",
                                  path, field));
    return result;
}

bool is_accepted(const HttpAnswer& answer) { return answer.outcome == Outcome::ok && answer.status == 200; }

} // namespace

LoginResult token_of(const HttpAnswer& answer, const std::string& path)
{
    if (!is_accepted(answer)) return refused_login(answer, path);
    const auto json = Json::parse(answer.body, nullptr, false);
    auto result = credential_of(json, "access_token", answer.status, path);
    if (result.outcome != Outcome::ok) return result;
    result.user_id = subject_of(result.token);
    const auto id = json.value("/user/id"_json_pointer, Json{});
    if (id.is_string()) result.user_id = id.get<std::string>();
    return result;
}

LoginResult ticket_of(const HttpAnswer& answer, const std::string& path)
{
    if (!is_accepted(answer)) return refused_login(answer, path);
    return credential_of(Json::parse(answer.body, nullptr, false), "ticket_id", answer.status, path);
}

LoginResult refused_login(const HttpAnswer& answer, const std::string& path)
{
    if (answer.outcome != Outcome::ok)
        return failed(answer.outcome, 0, fmt::format("{}: {}", path, answer.error));
    return failed(Outcome::http_status, answer.status, fmt::format("{}: HTTP {}", path, answer.status),
                  answer.retry_after);
}

} // namespace wsrace
