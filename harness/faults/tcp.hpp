// Sockets and coroutines as the proxies use them: concrete executor types keep frames small, and no socket is
// inherited by the servers that the harness starts meanwhile.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wsrace::faults {

namespace asio = boost::asio;
using asio::ip::tcp;

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

template <typename T>
using Task = asio::awaitable<T, Executor>;

// co_await x(..., as_result) gives a tuple that begins with the error code; nothing throws.
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> as_result{};

// Listens on 127.0.0.1, on a port that the kernel chooses. Throws boost::system::system_error.
Acceptor listen_on_loopback(const Executor& executor);

// Listens on every address of 127.0.0.0/8, on one port that the kernel chooses: which of them a client
// connects to tells who it is. Nobody else can connect. Throws boost::system::system_error.
Acceptor listen_on_all_loopback(const Executor& executor);

// Listens there. Throws boost::system::system_error.
Acceptor listen_on(const tcp::endpoint& endpoint, const Executor& executor);

// The next connection that waits, without waiting for one: then `error` is would_block. One from another
// machine to an acceptor of listen_on_all_loopback is turned away: connection_aborted.
Socket accept_one(Acceptor& acceptor, boost::system::error_code& error);

// A socket for connecting to `endpoint`. Throws boost::system::system_error, as when there are no descriptors
// left.
Socket open_for(const tcp::endpoint& endpoint, const Executor& executor);

// "HOST:PORT" or "[ADDRESS]:PORT" to the addresses it stands for, in the resolver's order; waits for the
// resolver. Throws std::runtime_error that names `text`.
std::vector<tcp::endpoint> resolve(std::string_view text);

// The soft limit of open files becomes the hard one, which is returned: every connection needs two.
std::uint64_t raise_descriptor_limit();

// Whether the peer has sent an RST that nobody has been told of yet; tells it, so that it is told once only.
bool was_reset(Socket& socket);

// Closes with RST: whatever is still in the kernel's buffers is thrown away.
void close_with_reset(Socket& socket);

} // namespace wsrace::faults
