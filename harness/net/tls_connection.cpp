#include "net/tls_connection.hpp"

#include "net/beast_connection.ipp"

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/websocket/ssl.hpp>

namespace wsrace {

std::shared_ptr<Connection> make_tls_connection(DeadlineQueue& deadlines, ConnectionObserver& observer,
                                                asio::ssl::context& tls)
{
    using TlsStream = asio::ssl::stream<TcpSocket>;
    return std::make_shared<BeastConnection<TlsStream>>(deadlines, observer, deadlines.executor(), tls);
}

} // namespace wsrace
