#include "reference_server/line_server.hpp"

#include "reference_server/as_result.hpp"
#include "reference_server/json_fields.hpp"
#include "reference_server/line_client.hpp"
#include "reference_server/log.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/serialize.hpp>

namespace wsrace::reference {

namespace net = boost::asio;
namespace json = boost::json;
using net::ip::tcp;

namespace {

constexpr auto accept_retry = std::chrono::milliseconds{50};

void report(std::exception_ptr failure)
{
    if (failure) log_error("line_server", "a connection ended by an exception");
}

} // namespace

LineServer::LineServer(net::io_context& io, std::uint16_t port, const Pace& pace, Handler handler)
    : acceptor_{io}, queue_{pace.delay, pace.workers}, patience_{pace.patience}, handler_{std::move(handler)}
{
    const tcp::endpoint endpoint{net::ip::address_v4::loopback(), port};
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address{true});
    acceptor_.bind(endpoint);
    acceptor_.listen(tcp::acceptor::max_listen_connections);
    net::co_spawn(io, accept(), report);
}

net::awaitable<void> LineServer::accept()
{
    net::steady_timer retry{acceptor_.get_executor()};
    while (acceptor_.is_open()) {
        auto [error, socket] = co_await acceptor_.async_accept(as_result);
        if (!error) {
            boost::system::error_code ignored;
            socket.set_option(tcp::no_delay{true}, ignored);
            net::co_spawn(acceptor_.get_executor(), serve(std::move(socket)), report);
        } else if (acceptor_.is_open()) {
            retry.expires_after(accept_retry);
            co_await retry.async_wait(as_result);
        }
    }
}

net::awaitable<void> LineServer::serve(tcp::socket socket)
{
    std::string buffered;
    for (;;) {
        auto incoming = net::dynamic_buffer(buffered, longest_line);
        const auto [read_error, size] = co_await net::async_read_until(socket, incoming, '\n', as_result);
        if (read_error) co_return;
        const auto question = parse_object(std::string_view{buffered}.substr(0, size));
        buffered.erase(0, size);
        if (!question) co_return;
        bool in_time = true;
        if (queue_.takes_time()) in_time = co_await wait_turn(queue_, patience_);
        if (!in_time) co_return;
        const auto text = json::serialize(answer(*question)) + '\n';
        const auto outgoing = net::buffer(text);
        const auto [write_error, written] = co_await net::async_write(socket, outgoing, as_result);
        if (write_error) co_return;
    }
}

json::object LineServer::answer(const json::object& question) const
{
    if (string_field(question, "call") == "ping") return {{"pong", true}};
    return handler_(question);
}

} // namespace wsrace::reference
