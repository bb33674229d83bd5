#include "run/launch.hpp"

#include "net/http_client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include <thread>

namespace wsrace {

namespace {

constexpr auto port_probe_interval =
    std::chrono::microseconds{250}; // what offsets after port_open are precise to
constexpr auto ready_probe_interval = std::chrono::milliseconds{5};
constexpr auto probe_limit = std::chrono::seconds{2};

std::string with_port(std::string text, std::uint16_t port)
{
    constexpr std::string_view marker = "{port}";
    for (auto at = text.find(marker); at != std::string::npos; at = text.find(marker, at))
        text.replace(at, marker.size(), std::to_string(port));
    return text;
}

ServerCommand make_command(const ServerSpec& spec, std::uint16_t port)
{
    ServerCommand command{.arguments = {},
                          .environment = spec.environment,
                          .working_directory = spec.working_directory,
                          .stop_within = spec.stop_within};
    for (const auto& argument : spec.command) command.arguments.push_back(with_port(argument, port));
    for (auto& [name, value] : command.environment) value = with_port(value, port);
    if (command.arguments[0] == "wsrace")
        command.arguments[0] = std::filesystem::read_symlink("/proc/self/exe");
    return command;
}

// One GET; true for 200.
bool answers_ready(std::uint16_t port, const std::string& path)
{
    asio::io_context io{1};
    DeadlineQueue deadlines{io.get_executor()};
    TargetUrl url;
    url.host = "127.0.0.1";
    url.port = port;
    HttpClient http{deadlines, url, {asio::ip::make_address("127.0.0.1"), port}, nullptr};
    HttpCall call;
    call.method = "GET";
    call.path = path;
    bool ready = false;
    const auto probe = [&]() -> Task<void> {
        const auto answer = co_await http.call(call, Clock::now() + probe_limit);
        ready = answer.outcome == Outcome::ok && answer.status == 200;
        deadlines.shut_down();
    };
    asio::co_spawn(io, probe, [](const std::exception_ptr& failure) {
        if (failure) std::rethrow_exception(failure);
    });
    io.run();
    return ready;
}

// Asks again and again until `condition` holds. Empty, or why not.
template <typename Condition>
std::string wait_until(const Condition& condition, std::string_view what, ServerProcess& process,
                       const ServerSpec& spec, Clock::time_point deadline, Duration interval,
                       const std::stop_token& stop)
{
    while (!condition()) {
        if (const auto exit = process.exited())
            return fmt::format("the server ended ({}) before {}; its last output:\n{}", to_string(*exit),
                               what, process.last_output());
        if (stop.stop_requested()) return "interrupted while the server was starting";
        if (Clock::now() > deadline)
            return fmt::format(
                "the server was not there in time: not {} within {} (target.server.ready_within); its last "
                "output:\n{}",
                what, format_duration(spec.ready_within), process.last_output());
        std::this_thread::sleep_for(interval);
    }
    return {};
}

} // namespace

LaunchedServer launch_server(const Scenario& scenario, const RunInfo& info,
                             const std::filesystem::path& folder, Clock::time_point start,
                             const std::stop_token& stop)
{
    const auto& spec = *scenario.target.server;
    LaunchedServer server;
    server.port = std::make_unique<ReservedPort>();
    const auto port = server.port->number();
    const auto command = make_command(spec, port);
    HistoryWriter history{folder / "history.1000", info};
    try {
        server.process =
            std::make_unique<ServerProcess>(command, std::move(history), folder / "server.log", start);
    } catch (const std::system_error& error) {
        server.problem = error.what();
        return server;
    }
    server.anchor = Clock::now();
    if (scenario.arrival.after == Arrival::Anchor::spawn) return server;
    const auto deadline = server.anchor + spec.ready_within;

    const auto open = [port] { return is_port_open(port); };
    server.problem =
        wait_until(open, "its port was open", *server.process, spec, deadline, port_probe_interval, stop);
    if (!server.problem.empty()) return server;
    server.process->note(LifeCycle::port_open);
    if (scenario.arrival.after == Arrival::Anchor::port_open) server.anchor = Clock::now();
    if (scenario.arrival.after != Arrival::Anchor::ready) return server;

    if (spec.ready == ServerSpec::Ready::http) {
        const auto path = spec.ready_path.empty() ? scenario.profile.health_path : spec.ready_path;
        const auto ready = [port, &path] { return answers_ready(port, path); };
        server.problem =
            wait_until(ready, "it was ready", *server.process, spec, deadline, ready_probe_interval, stop);
        if (!server.problem.empty()) return server;
    }
    server.process->note(LifeCycle::ready);
    server.anchor = Clock::now();
    return server;
}

} // namespace wsrace
