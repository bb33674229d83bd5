#include "scenario/target_reader.hpp"

#include "scenario/dependency_reader.hpp"
#include "scenario/ingress_reader.hpp"
#include "scenario/pattern.hpp"
#include "scenario/placeholders.hpp"
#include "scenario/size_reader.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace wsrace {
namespace {

using Ready = ServerSpec::Ready;

constexpr std::array<std::string_view, 2> command_placeholders{"port", "instance"};

void check_url(const JsonNode& node, const std::string& url)
{
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed)
        return node.mistake(
            fmt::format("\"{}\" is not a URL; expected one such as ws://localhost:8000/ws", url));
    const std::string scheme(parsed->scheme());
    if (scheme == "http" || scheme == "https")
        return node.mistake(fmt::format("expected a WebSocket URL, found \"{}\"; did you mean \"{}{}\"?", url,
                                        scheme == "http" ? "ws" : "wss", url.substr(scheme.size())));
    if (scheme != "ws" && scheme != "wss")
        return node.mistake(fmt::format("unknown scheme \"{}\" (known: ws, wss)", scheme));
    if (parsed->host().empty()) return node.mistake("there is no host in this URL");
    if (parsed->has_userinfo() || parsed->has_query())
        node.mistake("credentials come from the environment, never from a scenario: leave user, password and "
                     "query out");
    if (parsed->has_fragment()) node.mistake("a WebSocket URL has no fragment (#...)");
}

void read_environment(const JsonNode& node, ServerSpec& server)
{
    const JsonObject environment(node, "environment variables");
    for (const auto& [variable, value] : environment.members()) {
        const auto text = value.text();
        if (variable.empty() || variable.find('=') != std::string::npos)
            value.mistake("not the name of an environment variable");
        else if (text && check_placeholders(value, command_placeholders))
            server.environment.emplace_back(variable, *text);
    }
}

// {"http": "/path"} or {"log": "a regular expression"}.
void read_sign(JsonObject& object, ServerSpec& server)
{
    const auto http = object.find("http");
    const auto log = object.find("log");
    if (http.has_value() == log.has_value())
        return object.node().mistake(
            "expected one of \"http\": the path that answers 200, and \"log\": a regular "
            "expression that a line of its output matches");
    server.ready = http ? Ready::http : Ready::log;
    if (http && object.read_word("http", server.ready_path) && server.ready_path.front() != '/')
        http->mistake("a path begins with /");
    if (log && object.read_word("log", server.ready_log)) check_pattern(*log, server.ready_log);
}

void read_readiness(const JsonNode& node, ServerSpec& server)
{
    constexpr std::array kinds{Choice<Ready>{"port_open", Ready::port_open},
                               Choice<Ready>{"http", Ready::http}};
    if (!node.is_object()) {
        if (const auto ready = node.choice(kinds, "sign of readiness")) server.ready = *ready;
        return;
    }
    JsonObject object(node, "a sign of readiness");
    read_sign(object, server);
    object.reject_unknown();
}

void read_limits(const JsonNode& node, ResourceLimits& limits)
{
    JsonObject object(node, "resource limits");
    const auto cpu = object.find("cpu");
    if (const auto share = cpu ? cpu->number(0.01, 64) : std::nullopt) limits.cpu = *share;
    object.read_integer("open_files", limits.open_files, 8, 1'000'000);
    const auto memory = object.find("memory");
    if (const auto size = memory ? read_size(*memory) : std::nullopt) limits.memory = *size;
    object.reject_unknown();
}

void read_tools(const JsonNode& node, ToolOptions& tools)
{
    JsonObject object(node, "options of tools");
    object.read_text("thread_sanitizer", tools.thread_sanitizer);
    object.read_text("address_sanitizer", tools.address_sanitizer);
    object.read_text("undefined_sanitizer", tools.undefined_sanitizer);
    object.read_text("go_race", tools.go_race);
    object.read_text("python_warnings", tools.python_warnings);
    object.read_bool("python_asyncio_debug", tools.python_asyncio_debug);
    object.reject_unknown();
}

// Without {port} anywhere the server could not know where to listen.
bool names_port(const ServerSpec& server)
{
    const auto holds_port = [](const std::string& text) { return text.find("{port}") != std::string::npos; };
    return std::any_of(server.command.begin(), server.command.end(), holds_port) ||
           std::any_of(server.environment.begin(), server.environment.end(),
                       [&](const auto& variable) { return holds_port(variable.second); });
}

void read_command(const JsonNode& node, ServerSpec& server)
{
    for (const JsonNode& item : node.items("words: the program and its arguments")) {
        const auto word = item.text();
        if (word && check_placeholders(item, command_placeholders)) server.command.push_back(*word);
    }
    if (node.is_list() && (node.size() == 0 || node.value()[0] == ""))
        node.mistake("the first word of the command is the program; it is missing");
}

ServerSpec read_server(const JsonNode& node)
{
    ServerSpec server;
    JsonObject object(node, "a server");
    const auto command = object.require("command", "the program and its arguments as a list of strings");
    if (command) read_command(*command, server);
    if (const auto environment = object.find("environment")) read_environment(*environment, server);
    object.read_word("working_directory", server.working_directory);
    if (const auto ready = object.find("ready")) read_readiness(*ready, server);
    object.read_integer("instances", server.instances, 1, 64);
    object.read_duration("port_within", server.port_within);
    object.read_duration("ready_within", server.ready_within);
    object.read_duration("stop_within", server.stop_within);
    if (const auto limits = object.find("limits")) read_limits(*limits, server.limits);
    if (const auto tools = object.find("tools")) read_tools(*tools, server.tools);
    server.dependencies = read_dependencies(object);
    if (const auto ingress = object.find("ingress"))
        server.ingress = read_ingress(*ingress, server, command_placeholders);
    object.reject_unknown();
    if (!server.command.empty() && !names_port(server))
        command->mistake(
            "no {port} in the command or the environment: the server has to be told where to listen");
    return server;
}

void read_tls(const JsonNode& node, TargetSpec& target)
{
    JsonObject tls(node, "TLS");
    tls.read_bool("verify", target.tls_verify);
    tls.read_word("ca_file", target.tls_ca_file);
    tls.reject_unknown();
    if (target.url.starts_with("ws://")) node.mistake("the URL begins with ws://, so that there is no TLS");
    if (!target.tls_verify && !target.tls_ca_file.empty())
        node.mistake("a ca_file is of no use while \"verify\" is false");
}

} // namespace

TargetSpec read_target(JsonObject& root)
{
    TargetSpec target;
    const auto node = root.find("target");
    if (!node) return target;
    JsonObject object(*node, "the target");
    const auto url = object.find("url");
    const auto server = object.find("server");
    if (url && server) node->mistake("\"url\" and \"server\" exclude each other; keep one");
    if (url && object.read_word("url", target.url)) check_url(*url, target.url);
    if (server) target.server = read_server(*server);
    if (const auto tls = object.find("tls")) read_tls(*tls, target);
    object.reject_unknown();
    return target;
}

} // namespace wsrace
