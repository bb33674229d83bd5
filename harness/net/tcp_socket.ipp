// The TCP socket under a WebSocket, with an end of its own: once the closing handshake is over, or a
// connection has failed, TCP is shut down and that is all. Beast's way for clients, waiting for the peer to
// close TCP first, has no limit, and hides why and when it ended.
#pragma once

#include "net/executor.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/role.hpp>

#include <utility>

namespace wsrace {

struct TcpSocket : asio::basic_stream_socket<asio::ip::tcp, Executor> {
    using Base = asio::basic_stream_socket<asio::ip::tcp, Executor>;
    using Base::Base;
};

template <typename Handler>
void shut_down(TcpSocket& socket, Handler&& handler)
{
    boost::system::error_code ignored;
    socket.shutdown(asio::socket_base::shutdown_send, ignored);
    asio::post(socket.get_executor(),
               boost::beast::bind_front_handler(std::forward<Handler>(handler), boost::system::error_code{}));
}

// Found by Beast by way of argument-dependent lookup.
template <typename Handler>
void async_teardown(boost::beast::role_type, TcpSocket& socket, Handler&& handler)
{
    shut_down(socket, std::forward<Handler>(handler));
}

template <typename Handler>
void async_teardown(boost::beast::role_type, asio::ssl::stream<TcpSocket>& stream, Handler&& handler)
{
    shut_down(stream.next_layer(), std::forward<Handler>(handler));
}

} // namespace wsrace
