#include "reference_server/http_api.hpp"

#include "reference_server/app.hpp"
#include "reference_server/health.hpp"

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
    if (request.path == "/ws/health") {
        auto body = counters(app);
        body["status"] = app.services.ready() ? "healthy" : "starting";
        body["idle_connections"] = app.registry.idle();
        return json_reply(200, body);
    }
    if (request.path == "/ws/stats") return json_reply(200, counters(app));
    return error_reply(404, "not_found", "there is nothing here");
}

net::awaitable<HttpReply> answer_ready(App& app)
{
    const bool ready = co_await app.services.ready_now();
    if (!ready) co_return not_ready_reply(app);
    co_return json_reply(200, {{"status", "ready"}});
}

net::awaitable<HttpReply> answer_login(App& app, std::shared_ptr<const HttpRequest> request)
{
    HttpReply reply;
    try {
        auto answered = co_await app.services.auth().answer(request);
        if (answered) {
            reply = std::move(*answered);
        } else {
            reply = error_reply(404, "not_found", "there is nothing here");
        }
    } catch (const DependencyFailure& failure) {
        reply = unavailable_reply(failure);
    }
    co_return reply;
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
        // Bug: to spare the client a retry, each request waits for what is not there, one after the other.
        if (app.options.bugs.has(Bug::cascading_waits)) co_await app.services.wait_for_each();
        if (!app.services.admits_traffic()) co_return not_ready_reply(app);
        auto reply = co_await answer_login(app, request);
        co_return reply;
    }
    if (request->method != "GET") co_return error_reply(404, "not_found", "there is nothing here");
    if (request->path == "/health/ready") {
        auto reply = co_await answer_ready(app);
        co_return reply;
    }
    co_return answer_health(app, *request);
}

} // namespace wsrace::reference
