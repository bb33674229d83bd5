#include "faults/dependency_proxies.hpp"

#include "faults/dependency_conditions.hpp"
#include "faults/proxy.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <thread>

namespace wsrace {

using faults::Clock;
using faults::Proxy;
using faults::TimePoint;
using Guard = faults::asio::executor_work_guard<faults::Executor>;

namespace {

struct Proxied {
    faults::FaultSchedule schedule;
    std::string address;
    std::unique_ptr<Proxy> proxy;

    std::unique_ptr<faults::Conditions> admit(std::uint32_t connection)
    {
        const auto now = Clock::now();
        auto conditions = std::make_unique<faults::DependencyConditions>(schedule, connection, now);
        if (conditions->refused(now)) return nullptr;
        return conditions;
    }

    // Only the first start counts: a restarted server does not get its cold start's faults again.
    void server_spawned(TimePoint at)
    {
        if (schedule.times.spawned) return;
        schedule.times.spawned = at;
        proxy->wake_relays();
    }

    void server_ready(TimePoint at)
    {
        if (schedule.times.ready) return;
        schedule.times.ready = at;
        proxy->wake_relays();
    }
};

} // namespace

struct DependencyProxies::State {
    State(HistoryWriter writer, TimePoint time_zero) : history{std::move(writer)}, start{time_zero} {}

    faults::asio::io_context io{1};
    Guard guard{io.get_executor()};
    HistoryWriter history; // the thread's, while it runs
    TimePoint start;
    std::vector<std::unique_ptr<Proxied>> proxies;
    std::vector<std::pair<std::string, std::string>> placeholders;
    std::string problem;
    std::thread thread;

    void note(const std::string& text, TimePoint at);
    void failed(const std::exception_ptr& failure);
    void add(const DependencySetup& setup, const Dependency& dependency);
};

void DependencyProxies::State::note(const std::string& text, TimePoint at)
{
    Event event;
    event.at = at - start;
    event.kind = EventKind::fault;
    event.text = history.intern(text);
    history.append(event);
}

void DependencyProxies::State::failed(const std::exception_ptr& failure)
{
    if (!problem.empty()) return;
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        problem = fmt::format("the proxies of the dependencies: {}", error.what());
    }
}

namespace {

std::string upstream_of(const DependencySetup& setup, const Dependency& dependency)
{
    if (!dependency.upstream.empty()) return dependency.upstream;
    const auto port = setup.upstream_ports.find(dependency.name);
    if (port == setup.upstream_ports.end())
        throw std::runtime_error{fmt::format(
            "dependency {}: neither an upstream nor a port on which the server starts it", dependency.name)};
    return fmt::format("127.0.0.1:{}", port->second);
}

std::vector<faults::tcp::endpoint> endpoints_of(const std::string& upstream, const Dependency& dependency)
{
    try {
        return faults::resolve(upstream);
    } catch (const std::runtime_error& error) {
        throw std::runtime_error{fmt::format("dependency {}: {}", dependency.name, error.what())};
    }
}

} // namespace

void DependencyProxies::State::add(const DependencySetup& setup, const Dependency& dependency)
{
    auto& proxied = *proxies.emplace_back(std::make_unique<Proxied>());
    proxied.schedule.dependency = dependency.name;
    proxied.schedule.seed = setup.seed;
    for (const auto& fault : setup.faults)
        if (fault.dependency == dependency.name) proxied.schedule.faults.push_back(fault);
    proxied.schedule.note = [this](const std::string& text, TimePoint at) { note(text, at); };
    faults::RelayContext context;
    context.upstream = endpoints_of(upstream_of(setup, dependency), dependency);
    context.failed = [this](const std::exception_ptr& failure) { failed(failure); };
    const auto executor = io.get_executor();
    proxied.proxy = std::make_unique<Proxy>(
        executor, faults::listen_on_loopback(executor), std::move(context),
        [&proxied](std::uint32_t connection, const auto&) { return proxied.admit(connection); });
    proxied.address = fmt::format("127.0.0.1:{}", proxied.proxy->port());
    placeholders.emplace_back(fmt::format("{{dependency.{}}}", dependency.name), proxied.address);
    if (dependency.upstream.empty())
        placeholders.emplace_back(fmt::format("{{upstream.{}}}", dependency.name),
                                  std::to_string(setup.upstream_ports.at(dependency.name)));
}

DependencyProxies::DependencyProxies(const DependencySetup& setup, HistoryWriter history)
    : state_{std::make_unique<State>(std::move(history), setup.start)}
{
    for (const auto& dependency : setup.dependencies) state_->add(setup, dependency);
    for (const auto& proxied : state_->proxies) proxied->proxy->start();
    state_->thread = std::thread{[io = &state_->io] { io->run(); }};
}

DependencyProxies::~DependencyProxies() { stop(); }

const std::string& DependencyProxies::address(std::string_view dependency) const
{
    for (const auto& proxied : state_->proxies)
        if (proxied->schedule.dependency == dependency) return proxied->address;
    throw std::out_of_range{fmt::format("no dependency is called {}", dependency)};
}

const std::vector<std::pair<std::string, std::string>>& DependencyProxies::placeholders() const
{
    return state_->placeholders;
}

void DependencyProxies::server_spawned(TimePoint at)
{
    faults::asio::post(state_->io, [state = state_.get(), at] {
        for (const auto& proxied : state->proxies) proxied->server_spawned(at);
    });
}

void DependencyProxies::server_ready(TimePoint at)
{
    faults::asio::post(state_->io, [state = state_.get(), at] {
        for (const auto& proxied : state->proxies) proxied->server_ready(at);
    });
}

void DependencyProxies::stop()
{
    if (!state_->thread.joinable()) return;
    faults::asio::post(state_->io, [state = state_.get()] {
        for (const auto& proxied : state->proxies) proxied->proxy->stop();
        state->guard.reset();
    });
    state_->thread.join();
    state_->history.complete();
}

const std::string& DependencyProxies::problem() const { return state_->problem; }

} // namespace wsrace
