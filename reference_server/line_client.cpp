#include "reference_server/line_client.hpp"

#include "reference_server/as_result.hpp"
#include "reference_server/json_fields.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <memory>

namespace wsrace::reference {

namespace net = boost::asio;
namespace json = boost::json;
using net::ip::tcp;

namespace {

// One call's connection. When its time is up it is closed, which ends whatever is being waited for.
struct Line {
    explicit Line(const net::any_io_executor& executor) : socket{executor}, limit{executor} {}

    tcp::socket socket;
    net::steady_timer limit;
    bool expired{false};
};

void limit_time(const std::shared_ptr<Line>& line, std::chrono::milliseconds limit)
{
    line->limit.expires_after(limit);
    line->limit.async_wait([line](const boost::system::error_code& error) {
        if (error) return;
        line->expired = true;
        boost::system::error_code ignored;
        line->socket.close(ignored);
    });
}

// The answer, or what went wrong.
struct Spoken {
    std::string text;
    boost::system::error_code error;
};

net::awaitable<Spoken> speak(std::shared_ptr<Line> line, tcp::endpoint endpoint, std::string question)
{
    Spoken spoken;
    const auto [connect_error] = co_await line->socket.async_connect(endpoint, as_result);
    spoken.error = connect_error;
    if (spoken.error) co_return spoken;
    const auto outgoing = net::buffer(question);
    const auto [write_error, written] = co_await net::async_write(line->socket, outgoing, as_result);
    spoken.error = write_error;
    if (spoken.error) co_return spoken;
    auto incoming = net::dynamic_buffer(spoken.text, longest_line);
    const auto [read_error, size] = co_await net::async_read_until(line->socket, incoming, '\n', as_result);
    spoken.error = read_error;
    co_return spoken;
}

} // namespace

tcp::endpoint resolve_address(const std::string& address)
{
    const auto colon = address.rfind(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == address.size()) {
        throw std::runtime_error{
            fmt::format("\"{}\" is not an address; expected HOST:PORT, such as 127.0.0.1:9001", address)};
    }
    auto host = address.substr(0, colon);
    if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    net::io_context io;
    tcp::resolver resolver{io};
    boost::system::error_code error;
    const auto found = resolver.resolve(host, address.substr(colon + 1), error);
    if (error || found.empty()) {
        throw std::runtime_error{fmt::format("the address \"{}\" is not known: {}; expected HOST:PORT, such "
                                             "as 127.0.0.1:9001",
                                             address, error.message())};
    }
    return found.begin()->endpoint();
}

net::awaitable<json::object> LineClient::call(json::object question) const
{
    const auto executor = co_await net::this_coro::executor;
    const auto line = std::make_shared<Line>(executor);
    limit_time(line, limit_);
    auto text = json::serialize(question) + '\n';
    const auto spoken = co_await speak(line, endpoint_, std::move(text));
    line->limit.cancel();
    if (line->expired) {
        throw DependencyFailure{fmt::format("{} did not answer within {} ms", name_, limit_.count())};
    }
    if (spoken.error) throw DependencyFailure{fmt::format("{}: {}", name_, spoken.error.message())};
    auto answer = parse_object(spoken.text);
    if (!answer) throw DependencyFailure{name_ + " answered with something else than a line of JSON"};
    co_return std::move(*answer);
}

net::awaitable<bool> LineClient::reached() const
{
    json::object question{{"call", "ping"}};
    try {
        const auto answer = co_await call(std::move(question));
        co_return answer.contains("pong");
    } catch (const DependencyFailure&) {
    }
    co_return false;
}

} // namespace wsrace::reference
