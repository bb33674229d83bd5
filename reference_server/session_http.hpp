// Between Beast's HTTP messages and the server's own. Included by the session files only.
#pragma once

#include "reference_server/http_message.hpp"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

namespace wsrace::reference {

using BeastRequest = boost::beast::http::request<boost::beast::http::string_body>;
using BeastResponse = boost::beast::http::response<boost::beast::http::string_body>;

// False when the target is malformed.
inline bool read_request(BeastRequest& from, HttpRequest& to)
{
    namespace http = boost::beast::http;
    to.method = std::string{from.method_string()};
    to.authorization = std::string{from[http::field::authorization]};
    to.subprotocols = std::string{from[http::field::sec_websocket_protocol]};
    to.origin = std::string{from[http::field::origin]};
    to.host = std::string{from[http::field::host]};
    to.body = std::move(from.body());
    return read_target(from.target(), to);
}

// Whether a read failed because of what the client said, and not because it went away.
inline bool worth_an_answer(const boost::system::error_code& error)
{
    namespace http = boost::beast::http;
    const boost::system::error_code of_http{http::error::end_of_stream};
    return error.category() == of_http.category() && error != http::error::end_of_stream &&
           error != http::error::partial_message;
}

inline BeastResponse make_response(HttpReply reply, unsigned version, bool keep_alive)
{
    namespace http = boost::beast::http;
    BeastResponse response;
    response.result(reply.status);
    response.version(version);
    response.keep_alive(keep_alive);
    response.set(http::field::server, "wsrace-reference");
    response.set(http::field::content_type, "application/json");
    if (reply.retry_after) response.set(http::field::retry_after, std::to_string(reply.retry_after->count()));
    if (reply.status == 426) response.set(http::field::upgrade, "websocket");
    response.body() = std::move(reply.body);
    response.prepare_payload();
    return response;
}

} // namespace wsrace::reference
