#include "reference_server/session.hpp"
#include "reference_server/sessions.hpp"

namespace wsrace::reference {

void start_plain_session(App& app, Worker& worker, net::ip::tcp::socket socket)
{
    auto session =
        std::make_shared<Session<beast::tcp_stream>>(app, worker, beast::tcp_stream{std::move(socket)});
    net::co_spawn(worker.io, Session<beast::tcp_stream>::live(session), report_failure);
}

} // namespace wsrace::reference
