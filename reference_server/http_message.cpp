#include "reference_server/http_message.hpp"

#include <boost/json.hpp>
#include <boost/url.hpp>

namespace wsrace::reference {

bool read_target(std::string_view target, HttpRequest& request)
{
    const auto parsed = boost::urls::parse_origin_form(target);
    if (parsed.has_error()) return false;
    request.path = std::string{std::string_view{parsed->encoded_path()}};
    for (const auto& parameter : parsed->params()) {
        request.query.insert_or_assign(std::string{parameter.key}, std::string{parameter.value});
    }
    return true;
}

std::string_view bearer_token(const HttpRequest& request)
{
    constexpr std::string_view scheme = "Bearer ";
    const std::string_view header = request.authorization;
    if (!header.starts_with(scheme) && !header.starts_with("bearer ")) return {};
    return header.substr(scheme.size());
}

HttpReply json_reply(unsigned status, const boost::json::object& body)
{
    return {.status = status, .body = boost::json::serialize(body), .retry_after = {}};
}

HttpReply error_reply(unsigned status, std::string_view code, std::string_view message)
{
    return json_reply(status, boost::json::object{{"error", code}, {"message", message}});
}

} // namespace wsrace::reference
