// The HTTP routes: logins, tickets, health and counters.
#pragma once

#include "reference_server/http_message.hpp"

#include <boost/asio/awaitable.hpp>
#include <memory>

namespace wsrace::reference {

struct App;

// Answers everything but a successful upgrade.
boost::asio::awaitable<HttpReply> answer(App& app, std::shared_ptr<const HttpRequest> request);

// The login calls and tickets; nothing when the path is none of theirs. The auth store must be there.
std::optional<HttpReply> answer_auth(App& app, const HttpRequest& request);

bool is_websocket_path(std::string_view path);

} // namespace wsrace::reference
