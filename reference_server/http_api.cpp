#include "reference_server/http_api.hpp"

#include "reference_server/app.hpp"
#include "reference_server/health.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace wsrace::reference {

namespace net = boost::asio;

namespace {

bool is_auth_path(std::string_view path)
{
    return path.starts_with("/auth/") || path == "/api/websocket/ticket";
}

HttpReply answer_health(App& app, const HttpRequest& request)
{
    if (request.path == "/health") return json_reply(200, {{"status", "healthy"}});
    if (request.path == "/health/ready") {
        if (!app.services.ready()) return not_ready_reply(app);
        return json_reply(200, {{"status", "ready"}});
    }
    if (request.path == "/ws/health") {
        auto body = counters(app);
        body["status"] = app.services.ready() ? "healthy" : "starting";
        return json_reply(200, body);
    }
    if (request.path == "/ws/stats") return json_reply(200, counters(app));
    return error_reply(404, "not_found", "there is nothing here");
}

} // namespace

bool is_websocket_path(std::string_view path) { return path == "/ws" || path == "/api/v1/websocket"; }

net::awaitable<HttpReply> answer(App& app, std::shared_ptr<const HttpRequest> request)
{
    if (is_websocket_path(request->path)) {
        co_return error_reply(426, "upgrade_required", "this path speaks WebSocket");
    }
    if (is_auth_path(request->path)) {
        if (request->method != "POST") co_return error_reply(405, "method_not_allowed", "use POST");
        if (!app.services.admits_traffic()) co_return not_ready_reply(app);
        co_await app.authentication_pause();
        auto reply = answer_auth(app, *request);
        if (reply) co_return std::move(*reply);
        co_return error_reply(404, "not_found", "there is nothing here");
    }
    if (request->method != "GET") co_return error_reply(404, "not_found", "there is nothing here");
    co_return answer_health(app, *request);
}

} // namespace wsrace::reference
