#include "reference_server/server.hpp"

#include "reference_server/app.hpp"
#include "reference_server/as_result.hpp"
#include "reference_server/dependency_host.hpp"
#include "reference_server/log.hpp"
#include "reference_server/sessions.hpp"
#include "reference_server/worker.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <optional>
#include <sys/resource.h>
#include <thread>

namespace wsrace::reference {

namespace net = boost::asio;
using net::ip::tcp;

namespace {

constexpr auto accept_retry = std::chrono::milliseconds{50};

// Owns the threads. The first worker runs on the caller's thread and also accepts.
class Server {
public:
    explicit Server(const Options& options);

    void open_port();
    void run();

private:
    void stop();
    net::awaitable<void> accept_connections();
    void hand_over(tcp::socket socket, Worker& worker);
    static void report(std::exception_ptr failure);

    const Options& options_;
    std::vector<std::unique_ptr<Worker>> workers_; // destroyed after all that uses their io_contexts
    App app_{options_};
    std::optional<TlsSessions> tls_;
    tcp::acceptor acceptor_;
    net::signal_set signals_;
};

std::vector<std::unique_ptr<Worker>> make_workers(const Options& options)
{
    std::vector<std::unique_ptr<Worker>> workers(std::max<std::size_t>(options.threads, 1));
    for (auto& worker : workers) worker = std::make_unique<Worker>(options);
    return workers;
}

void raise_descriptor_limit()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

Server::Server(const Options& options)
    : options_{options}, workers_{make_workers(options)}, acceptor_{workers_.front()->io},
      signals_{workers_.front()->io, SIGINT, SIGTERM}
{
    if (!options.tls_certificate.empty()) tls_.emplace(options.tls_certificate, options.tls_key);
}

void Server::open_port()
{
    const tcp::endpoint endpoint{net::ip::make_address(options_.bind), options_.port};
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address{true});
    acceptor_.bind(endpoint);
    acceptor_.listen(tcp::acceptor::max_listen_connections);
    const auto line =
        fmt::format("wsrace serve: listening on {}:{}\n", options_.bind, acceptor_.local_endpoint().port());
    std::fputs(line.c_str(), stdout);
    std::fflush(stdout);
}

void Server::run()
{
    auto& main_io = workers_.front()->io;
    signals_.async_wait([this](const boost::system::error_code& error, int) {
        if (!error) stop();
    });
    net::co_spawn(main_io, app_.services.start(), report);
    net::co_spawn(main_io, accept_connections(), report);
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < workers_.size(); ++i) {
        threads.emplace_back([this, i] { workers_[i]->run(app_); });
    }
    workers_.front()->run(app_);
}

void Server::stop()
{
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    app_.services.cancel_start();
    if (app_.services.ready()) app_.services.supervisor().abandon_all();
    for (const auto& worker : workers_) {
        net::post(worker->io, [leaving = worker.get()] { leaving->shut_down(); });
    }
}

net::awaitable<void> Server::accept_connections()
{
    net::steady_timer retry{workers_.front()->io};
    for (std::size_t turn = 0; acceptor_.is_open(); turn = (turn + 1) % workers_.size()) {
        auto& worker = *workers_[turn];
        auto [error, socket] = co_await acceptor_.async_accept(worker.io, as_result);
        if (!error) {
            hand_over(std::move(socket), worker);
        } else if (acceptor_.is_open()) {
            // Out of descriptors, as a rule: those who wait in the queue get their turn when others have
            // left.
            log_warning("acceptor", error.message());
            retry.expires_after(accept_retry);
            co_await retry.async_wait(as_result);
        }
    }
}

void Server::hand_over(tcp::socket socket, Worker& worker)
{
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay{true}, ignored);
    if (options_.send_buffer > 0)
        socket.set_option(net::socket_base::send_buffer_size{options_.send_buffer}, ignored);
    net::post(worker.io, [this, &worker, moved = std::move(socket)]() mutable {
        if (tls_) {
            tls_->start(app_, worker, std::move(moved));
        } else {
            start_plain_session(app_, worker, std::move(moved));
        }
    });
}

void Server::report(std::exception_ptr failure)
{
    if (failure) std::rethrow_exception(failure); // out of the worker's run(), and of serve()
}

// The dependencies listen first: their addresses are part of the server's options.
class Serving {
public:
    explicit Serving(const Options& given) : options_{given}
    {
        if (!options_.dependencies) return;
        host_.emplace(options_);
        if (options_.auth_address.empty()) options_.auth_address = host_->auth_address();
        if (options_.store_address.empty()) options_.store_address = host_->store_address();
    }

    void run()
    {
        Server server{options_};
        server.open_port();
        if (host_) introduce("auth", host_->auth_address(), options_.auth_address);
        if (host_) introduce("store", host_->store_address(), options_.store_address);
        server.run();
    }

private:
    static void introduce(std::string_view name, const std::string& listens, const std::string& asked)
    {
        const auto line = fmt::format("wsrace serve: {} on {}, asked at {}\n", name, listens, asked);
        std::fputs(line.c_str(), stdout);
        std::fflush(stdout);
    }

    Options options_;
    std::optional<DependencyHost> host_;
};

} // namespace

int serve(const Options& options)
{
    try {
        raise_descriptor_limit();
        Serving serving{options};
        serving.run();
        return 0;
    } catch (const std::exception& error) {
        std::fputs(fmt::format("wsrace serve: {}\n", error.what()).c_str(), stderr);
        return 3;
    }
}

} // namespace wsrace::reference
