#include "reference_server/dispatch.hpp"

#include "reference_server/app.hpp"
#include "reference_server/clock.hpp"
#include "reference_server/frames.hpp"
#include "reference_server/json_fields.hpp"
#include "reference_server/tools.hpp"
#include "reference_server/worker.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>

namespace wsrace::reference {

namespace net = boost::asio;
namespace json = boost::json;

namespace {

void say(Connection& connection, std::string text)
{
    connection.deliver(Outgoing{.run = 0, .sequence = 0, .text = std::move(text)});
}

void refuse_field(Connection& connection, std::string_view field, std::string_view message)
{
    say(connection, error_frame("INVALID_FIELD", message, {{"field", field}}));
}

std::string_view text_field_of(std::string_view type)
{
    return type == "start_agent" ? "user_request" : "content";
}

// `settings` wins over `context`.
std::string wanted_tool(const json::object& fields)
{
    for (const auto* name : {"settings", "context"}) {
        const auto* object = object_field(fields, name);
        if (object == nullptr) continue;
        if (auto tool = string_field(*object, "tool"); !tool.empty()) return tool;
    }
    return {};
}

RunRequest read_request(const json::object& fields, std::string text)
{
    RunRequest request;
    request.tool = choose_tool(wanted_tool(fields), text);
    request.text = std::move(text);
    if (const auto* settings = object_field(fields, "settings")) {
        request.thinking_steps = int_field(*settings, "thinking_steps", 1, 100, 1);
        request.tool_calls = int_field(*settings, "tool_calls", 1, 100, 1);
    }
    return request;
}

void bind_thread(App& app, Worker& worker, const std::string& thread_id,
                 const std::shared_ptr<Connection>& connection)
{
    const auto& user_id = connection->identity.user_id;
    if (!app.options.bugs.has(Bug::dual_path)) return app.threads.follow(user_id, thread_id, connection);
    // Bug: the thread is bound as soon as that has been written down, and the agent does not wait for it.
    const auto written = std::make_shared<net::steady_timer>(worker.io, app.options.bug_window);
    written->async_wait([&app, written, thread_id, connection](const boost::system::error_code&) {
        app.threads.follow(connection->identity.user_id, thread_id, connection);
    });
}

// Null when the message was refused; the client then knows why.
std::shared_ptr<Run> prepare_run(App& app, Worker& worker, const std::shared_ptr<Connection>& connection,
                                 std::string_view type, const json::object& fields)
{
    auto text = string_field(fields, text_field_of(type));
    if (text.empty()) {
        refuse_field(*connection, text_field_of(type), "must be a string that is not empty");
        return nullptr;
    }
    const auto* thread = fields.if_contains("thread_id");
    if (thread != nullptr && !thread->is_null() && !thread->is_string()) {
        refuse_field(*connection, "thread_id", "must be a string or null");
        return nullptr;
    }
    auto& supervisor = app.services.supervisor();
    auto request = read_request(fields, std::move(text));
    const auto& user_id = connection->identity.user_id;
    const auto named = string_field(fields, "thread_id");
    request.thread_id = named.empty() ? app.threads.create(user_id) : named;
    request.thread_messages = app.threads.post(user_id, request.thread_id);
    bind_thread(app, worker, request.thread_id, connection);
    return supervisor.prepare(std::move(request), connection, worker);
}

void stop_run(App& app, Connection& connection, const json::object& fields)
{
    auto run_id = string_field(fields, "run_id");
    if (run_id.empty() && !connection.runs.empty()) run_id = connection.runs.back()->id;
    if (app.services.supervisor().stop(run_id, connection.identity.user_id)) return;
    say(connection, error_frame("RUN_NOT_FOUND", "this user has no such run", {{"run_id", run_id}}));
}

void answer_ping(Connection& connection, const json::object& fields)
{
    const auto* timestamp = fields.if_contains("timestamp");
    const auto echoed = timestamp != nullptr ? *timestamp : json::value{timestamp_now()};
    say(connection, pong_frame(echoed, connection.identity.user_id));
}

} // namespace

net::awaitable<void> dispatch_message(App& app, Worker& worker, std::shared_ptr<Connection> connection,
                                      std::string text)
{
    if (!app.message_limit.allow(connection->identity.user_id)) {
        say(*connection, error_frame("RATE_LIMITED", "too many messages"));
        connection->close(CloseCode::policy, "rate limited");
        co_return;
    }
    app.registry.heard_of(*connection);
    const auto message = parse_object(text);
    if (!message) {
        say(*connection, error_frame("INVALID_JSON", "a message must be a JSON object"));
        co_return;
    }
    const auto type = string_field(*message, "type");
    const auto* payload = object_field(*message, "payload");
    const auto& fields = payload != nullptr ? *payload : *message;
    if (type == "ping") {
        answer_ping(*connection, fields);
    } else if (type == "stop_agent") {
        stop_run(app, *connection, fields);
    } else if (type == "start_agent" || type == "user_message" || type == "chat") {
        if (connection->answered_by_stub) {
            say(*connection,
                notice_frame("Your assistant is getting ready and will be with you in a moment."));
            co_return;
        }
        const auto run = prepare_run(app, worker, connection, type, fields);
        if (!run) co_return;
        if (app.options.bugs.has(Bug::head_of_line)) {
            // Bug: whoever reads messages waits here, until the run is over.
            co_await app.services.supervisor().play_to_end(run);
            co_return;
        }
        app.services.supervisor().launch(run);
    } else {
        say(*connection, error_frame("UNKNOWN_TYPE", "this message type is not known", {{"type", type}}));
    }
}

} // namespace wsrace::reference
