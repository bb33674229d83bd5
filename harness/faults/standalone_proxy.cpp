#include "faults/standalone_proxy.hpp"

#include "faults/proxy.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace wsrace {

using faults::Clock;
using faults::LinkConditions;

namespace {

faults::Acceptor listen_there(const std::string& text, const faults::Executor& executor)
{
    try {
        return faults::listen_on(faults::resolve(text).front(), executor);
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error{fmt::format("{} cannot be listened on: {}", text, error.code().message())};
    }
}

} // namespace

struct StandaloneProxy::State {
    explicit State(const StandaloneSetup& setup) : upstream{faults::resolve(setup.upstream)}
    {
        if (upstream.front().port() == 0)
            throw std::runtime_error{setup.upstream + " has the port 0; expected the one of the server"};
        schedule.faults = setup.faults;
        schedule.seed = setup.seed;
        schedule.start = Clock::now();
        schedule.plain_text = setup.plain_text;
        schedule.note = setup.note;
        faults::raise_descriptor_limit();
        const auto executor = io.get_executor();
        auto acceptor = listen_there(setup.listen, executor);
        const auto local = acceptor.local_endpoint();
        address = fmt::format("{}:{}", setup.listen.substr(0, setup.listen.rfind(':')), local.port());
        faults::RelayContext context;
        context.upstream = upstream;
        context.failed = [this](const std::exception_ptr& failure) { failed(failure); };
        proxy = std::make_unique<faults::Proxy>(
            executor, std::move(acceptor), std::move(context), [this](std::uint32_t number, const auto&) {
                return std::make_unique<LinkConditions>(schedule, faults::LinkConnection{.number = number},
                                                        Clock::now());
            });
    }

    void failed(const std::exception_ptr& failure)
    {
        if (!problem.empty()) return;
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& error) {
            problem = error.what();
        }
    }

    faults::asio::io_context io{1};
    faults::LinkSchedule schedule;
    std::vector<faults::tcp::endpoint> upstream;
    std::string address;
    std::unique_ptr<faults::Proxy> proxy;
    std::string problem;
};

StandaloneProxy::StandaloneProxy(const StandaloneSetup& setup) : state_{std::make_unique<State>(setup)} {}

StandaloneProxy::~StandaloneProxy() = default;

std::string StandaloneProxy::address() const { return state_->address; }

bool StandaloneProxy::upstream_is_local() const
{
    return std::all_of(state_->upstream.begin(), state_->upstream.end(),
                       [](const auto& endpoint) { return endpoint.address().is_loopback(); });
}

void StandaloneProxy::run(const std::stop_token& stop)
{
    auto& state = *state_;
    const auto guard = faults::asio::make_work_guard(state.io);
    const std::stop_callback on_stop{stop, [&state] {
                                         faults::asio::post(state.io, [&state] {
                                             state.proxy->stop();
                                             state.io.stop();
                                         });
                                     }};
    state.proxy->start();
    state.io.run();
    state.io.restart();
    state.io.poll(); // coroutines that have been told to end
}

std::uint32_t StandaloneProxy::accepted() const { return state_->proxy->accepted(); }

std::chrono::steady_clock::time_point StandaloneProxy::start() const { return state_->schedule.start; }

const std::string& StandaloneProxy::problem() const { return state_->problem; }

} // namespace wsrace
