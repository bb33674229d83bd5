#include "net/beast_connection.ipp"
#include "net/tls_connection.hpp"

namespace wsrace {

std::shared_ptr<Connection> make_connection(DeadlineQueue& deadlines, ConnectionObserver& observer,
                                            asio::ssl::context* tls)
{
    if (tls != nullptr) return make_tls_connection(deadlines, observer, *tls);
    return std::make_shared<BeastConnection<TcpSocket>>(deadlines, observer, deadlines.executor());
}

} // namespace wsrace
