#include <boost/asio/ssl.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include "reference_server/session.hpp"
#include "reference_server/sessions.hpp"

namespace wsrace::reference {

struct TlsSessions::State {
    net::ssl::context context{net::ssl::context::tls_server};
};

TlsSessions::TlsSessions(const std::string& certificate, const std::string& key)
    : state_{std::make_unique<State>()}
{
    state_->context.use_certificate_chain_file(certificate);
    state_->context.use_private_key_file(key, net::ssl::context::pem);
    // Returns the buffers of idle connections.
    SSL_CTX_set_mode(state_->context.native_handle(), SSL_MODE_RELEASE_BUFFERS);
}

TlsSessions::~TlsSessions() = default;

void TlsSessions::start(App& app, Worker& worker, net::ip::tcp::socket socket)
{
    using Stream = net::ssl::stream<beast::tcp_stream>;
    Stream stream{beast::tcp_stream{std::move(socket)}, state_->context};
    auto session = std::make_shared<Session<Stream>>(app, worker, std::move(stream));
    net::co_spawn(worker.io, Session<Stream>::live(session), report_failure);
}

} // namespace wsrace::reference
