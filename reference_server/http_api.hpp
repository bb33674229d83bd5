// The HTTP routes: logins, tickets, health and counters.
#pragma once

#include "reference_server/http_message.hpp"

#include <boost/asio/awaitable.hpp>
#include <memory>

namespace wsrace::reference {

struct App;
struct Options;
class AuthStore;

// Answers everything but a successful upgrade.
boost::asio::awaitable<HttpReply> answer(App& app, std::shared_ptr<const HttpRequest> request);

// The login calls and tickets; nothing when the path is none of theirs.
std::optional<HttpReply> answer_auth(AuthStore& store, const Options& options, const HttpRequest& request);

bool is_websocket_path(std::string_view path);

} // namespace wsrace::reference
