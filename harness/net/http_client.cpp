#include "net/http_client.hpp"

#include "net/stream_errors.hpp"

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <optional>

namespace wsrace {

namespace {

namespace http = boost::beast::http;

using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using TlsSocket = asio::ssl::stream<Socket&>;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

constexpr std::size_t longest_body = std::size_t{1024} * 1024;

Request make_request(const TargetUrl& url, const HttpCall& call)
{
    Request request{call.method == "GET" ? http::verb::get : http::verb::post, call.path, 11};
    request.set(http::field::host, url.host_header());
    request.set(http::field::user_agent, "wsrace");
    request.set(http::field::accept, "application/json");
    if (!call.bearer.empty()) request.set(http::field::authorization, "Bearer " + call.bearer);
    for (const auto& [name, value] : call.headers) request.set(name, value);
    if (call.method != "GET") {
        request.set(http::field::content_type, "application/json");
        request.body() = call.body;
        request.prepare_payload();
    }
    return request;
}

} // namespace

struct HttpClient::Stream final : Deadline {
    Stream(DeadlineQueue& queue, asio::ssl::context* context) : deadlines{queue}, socket{queue.executor()}
    {
        if (context != nullptr) tls.emplace(socket, *context);
    }

    ~Stream() { deadlines.disarm(*this); }

    void on_deadline() override
    {
        expired = true;
        cut();
    }

    void cut()
    {
        boost::system::error_code ignored;
        socket.close(ignored);
    }

    Task<boost::system::error_code> connect(const asio::ip::tcp::endpoint& endpoint, const std::string& name)
    {
        const auto [failed] = co_await socket.async_connect(endpoint, as_result);
        if (failed || !tls) co_return failed;
        prepare_tls(tls->native_handle(), name);
        const auto [refused] = co_await tls->async_handshake(asio::ssl::stream_base::client, as_result);
        co_return refused;
    }

    template <typename Layer>
    Task<boost::system::error_code> exchange(Layer& layer, const Request& request, Response& response)
    {
        const auto [not_sent, sent] = co_await http::async_write(layer, request, as_result);
        if (not_sent) co_return not_sent;
        http::response_parser<http::string_body> parser;
        parser.body_limit(longest_body);
        const auto [not_read, read] = co_await http::async_read(layer, buffer, parser, as_result);
        response = parser.release();
        co_return not_read;
    }

    DeadlineQueue& deadlines;
    Socket socket;
    std::optional<TlsSocket> tls;
    boost::beast::flat_buffer buffer;
    bool expired = false;
    bool connected = false;
};

HttpClient::HttpClient(DeadlineQueue& deadlines, TargetUrl url, asio::ip::tcp::endpoint endpoint,
                       asio::ssl::context* tls)
    : deadlines_{deadlines}, url_{std::move(url)}, endpoint_{std::move(endpoint)}, tls_{tls}
{}

HttpClient::~HttpClient() = default;

void HttpClient::cut()
{
    if (stream_) stream_->cut();
}

void HttpClient::send_always(std::string name, std::string value)
{
    headers_.emplace_back(std::move(name), std::move(value));
}

Task<HttpAnswer> HttpClient::call(const HttpCall& call, Clock::time_point deadline)
{
    HttpAnswer answer;
    Response response;
    boost::system::error_code error;
    auto request = make_request(url_, call);
    for (const auto& [name, value] : headers_) request.set(name, value);
    if (cookies_ != nullptr && !cookies_->header().empty())
        request.set(http::field::cookie, cookies_->header());
    if (!stream_) stream_ = std::make_unique<Stream>(deadlines_, tls_);
    auto& stream = *stream_;
    deadlines_.arm(stream, deadline);
    if (!stream.connected) error = co_await stream.connect(endpoint_, url_.host);
    if (!error) {
        stream.connected = true;
        if (stream.tls)
            error = co_await stream.exchange(*stream.tls, request, response);
        else
            error = co_await stream.exchange(stream.socket, request, response);
    }
    deadlines_.disarm(stream);

    if (error) {
        answer.outcome = stream.expired ? Outcome::timeout : classify(error);
        answer.error = error.message();
    } else {
        answer.status = static_cast<int>(response.result_int());
        answer.retry_after = std::string{response[http::field::retry_after]};
        answer.body = std::move(response.body());
        const auto [first, last] = response.equal_range(http::field::set_cookie);
        for (auto cookie = first; cookie != last && cookies_ != nullptr; ++cookie)
            cookies_->take({cookie->value().data(), cookie->value().size()});
    }
    if (error || response.need_eof()) stream_.reset(); // closed, or about to be: the body ended with it
    co_return answer;
}

} // namespace wsrace
