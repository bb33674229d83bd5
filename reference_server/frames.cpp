#include "reference_server/frames.hpp"

#include "reference_server/clock.hpp"
#include "reference_server/connection.hpp"
#include "reference_server/run.hpp"
#include "reference_server/server.hpp"

#include <boost/json.hpp>

namespace wsrace::reference {

namespace json = boost::json;

std::string welcome_frame(const Connection& connection, const Options& options)
{
    const auto interval = std::chrono::duration<double>{options.heartbeat}.count();
    json::object config{{"max_message_size", options.max_message_size}};
    if (interval == static_cast<double>(static_cast<std::int64_t>(interval))) {
        config["heartbeat_interval"] = static_cast<std::int64_t>(interval);
    } else {
        config["heartbeat_interval"] = interval;
    }
    return json::serialize(json::object{{"type", "connection_established"},
                                        {"connection_id", connection.id},
                                        {"user_id", connection.identity.user_id},
                                        {"server_time", timestamp_now()},
                                        {"config", std::move(config)}});
}

std::string pong_frame(json::value timestamp, std::string_view user_id)
{
    json::object data{{"timestamp", std::move(timestamp)}, {"user_id", user_id}};
    return json::serialize(json::object{{"type", "pong"}, {"data", std::move(data)}});
}

std::string heartbeat_frame(std::size_t connections)
{
    return json::serialize(
        json::object{{"type", "heartbeat"}, {"timestamp", timestamp_now()}, {"connections", connections}});
}

std::string notice_frame(std::string_view text)
{
    return json::serialize(json::object{{"type", "notice"}, {"data", {{"text", text}}}});
}

std::string error_frame(std::string_view code, std::string_view message, json::object details)
{
    return json::serialize(json::object{{"type", "error_message"},
                                        {"error_code", code},
                                        {"error_message", message},
                                        {"details", std::move(details)},
                                        {"timestamp", timestamp_now()}});
}

std::string event_frame(std::string_view type, const Run& run, const json::object& payload)
{
    return json::serialize(json::object{{"type", type},
                                        {"run_id", run.labels->run_id},
                                        {"user_id", run.context->user_id},
                                        {"thread_id", run.labels->thread_id},
                                        {"agent_name", run.agent_name},
                                        {"timestamp", timestamp_now()},
                                        {"payload", payload}});
}

} // namespace wsrace::reference
