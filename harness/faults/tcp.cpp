#include "faults/tcp.hpp"

#include "core/tcp_reset.hpp"

#include <fmt/format.h>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

namespace wsrace::faults {

namespace {

boost::system::error_code last_error() { return {errno, boost::system::system_category()}; }

// Asio's own open() and accept() set close-on-exec late or never; a server that is spawned in between would
// hold the connection open for ever.
int new_socket(int family)
{
    const int socket = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket < 0) throw boost::system::system_error{last_error(), "a socket of a proxy"};
    return socket;
}

// Without the delay of small segments (Nagle), which would be a fault that nobody asked for.
Socket prepared(const tcp& protocol, int native, const Executor& executor)
{
    Socket socket{executor, protocol, native};
    boost::system::error_code ignored;
    socket.non_blocking(true, ignored);
    socket.set_option(tcp::no_delay{true}, ignored);
    return socket;
}

Acceptor prepare(Acceptor acceptor, const tcp::endpoint& endpoint)
{
    acceptor.bind(endpoint);
    acceptor.listen();
    acceptor.non_blocking(true);
    return acceptor;
}

// Somebody from outside at a socket that is for this machine only.
bool is_stranger(const Acceptor& acceptor, const Socket& client)
{
    boost::system::error_code ignored;
    const auto here = acceptor.local_endpoint(ignored).address();
    if (!here.is_v4() || !here.is_unspecified()) return false;
    const auto there = client.remote_endpoint(ignored).address();
    return !there.is_loopback();
}

} // namespace

Acceptor listen_on_loopback(const Executor& executor)
{
    return listen_on({asio::ip::address_v4::loopback(), 0}, executor);
}

// The device is a second lock: a kernel that does not let ordinary users bind to it (before 5.7) leaves the
// first, turning strangers away when they are accepted.
Acceptor listen_on_all_loopback(const Executor& executor)
{
    Acceptor acceptor{executor, tcp::v4(), new_socket(AF_INET)};
    constexpr std::string_view device = "lo";
    ::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_BINDTODEVICE, device.data(), device.size());
    return prepare(std::move(acceptor), {asio::ip::address_v4::any(), 0});
}

Acceptor listen_on(const tcp::endpoint& endpoint, const Executor& executor)
{
    Acceptor acceptor{executor, endpoint.protocol(), new_socket(endpoint.protocol().family())};
    acceptor.set_option(Acceptor::reuse_address{true});
    return prepare(std::move(acceptor), endpoint);
}

Socket accept_one(Acceptor& acceptor, boost::system::error_code& error)
{
    const int native = ::accept4(acceptor.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    error = native < 0 ? last_error() : boost::system::error_code{};
    if (native < 0) return Socket{acceptor.get_executor()};
    const auto protocol = acceptor.local_endpoint().protocol();
    auto client = prepared(protocol, native, acceptor.get_executor());
    if (!is_stranger(acceptor, client)) return client;
    error = asio::error::connection_aborted;
    close_with_reset(client);
    return client;
}

Socket open_for(const tcp::endpoint& endpoint, const Executor& executor)
{
    return prepared(endpoint.protocol(), new_socket(endpoint.protocol().family()), executor);
}

std::vector<tcp::endpoint> resolve(std::string_view text)
{
    const auto colon = text.rfind(':');
    std::string host{text.substr(0, colon)};
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const std::string port{colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1)};
    asio::io_context io{1};
    tcp::resolver resolver{io};
    boost::system::error_code error;
    std::vector<tcp::endpoint> endpoints;
    if (host.empty() || port.empty())
        throw std::runtime_error{
            fmt::format("\"{}\" is no address; expected HOST:PORT, as in 127.0.0.1:8000", text)};
    for (const auto& entry : resolver.resolve(host, port, tcp::resolver::numeric_service, error))
        endpoints.push_back(entry.endpoint());
    if (error || endpoints.empty())
        throw std::runtime_error{fmt::format("{} cannot be resolved ({}); expected HOST:PORT of something "
                                             "that can be reached from here",
                                             text, error.message())};
    return endpoints;
}

std::uint64_t raise_descriptor_limit()
{
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return 0;
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    ::getrlimit(RLIMIT_NOFILE, &files);
    return files.rlim_cur;
}

bool was_reset(Socket& socket)
{
    int error = 0;
    socklen_t size = sizeof(error);
    return ::getsockopt(socket.native_handle(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error != 0;
}

void close_with_reset(Socket& socket)
{
    boost::system::error_code ignored;
    if (socket.is_open()) send_reset(socket.native_handle());
    socket.close(ignored);
}

} // namespace wsrace::faults
